import { deepEqual } from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { attachUprobe, attachUsdt, type Link, type LinkInterface, type UprobeTarget } from '@bpf/attach'
import type { CountingProgram, CountingProgramOptions } from '@bpf/attach/testing'
import { parseElf, readUsdtProbes } from '@bpf/elf'
import { AttachType, ProgFlag, ProgType } from '@bpf/sys'
import type { FeatureName } from '../scenario/features'
import type { Scenario, ScenarioContext } from '../scenario/types'
import { counting, onHook, prepared } from './every-hook'

/** Have the function `request`, and in it the USDT probe `server:request`; pass both, then end. One runs wherever it is loaded. */
const [file, fixedFile] = ['probes.elf', 'probes-fixed.elf']

const executable = (name: string) =>
  prepared(t => {
    const directory = mkdtempSync(join(tmpdir(), 'bpf-test-'))
    t.defer(() => rmSync(directory, { recursive: true }))
    const path = join(directory, 'probes')
    copyFileSync(t.file(name), path)
    chmodSync(path, 0o755)
    return path
  })

const [binary, fixedBinary] = [executable(file), executable(fixedFile)]

function run(path: string): void {
  const { status } = spawnSync(path)
  if (status !== 0) throw new Error(`the probed program ended with ${status}`)
}

const common = {
  files: [file],
  prepare: binary.prepare,
  stimulate: t => run(binary.of(t)),
} satisfies Partial<Scenario>

interface UprobeOptionCase {
  readonly name: string
  readonly features: readonly FeatureName[]
  readonly load?: Partial<CountingProgramOptions>
  readonly target: (t: ScenarioContext) => Partial<UprobeTarget>
  /** What the program must have counted; once unless given. */
  readonly runs?: number
  readonly check?: (program: CountingProgram, link: Link) => string | undefined
}

const optionCases: readonly UprobeOptionCase[] = [
  { name: 'several functions', features: [], target: () => ({ symbol: ['request', 'idl?'] }), runs: 2 },
  { name: 'a regular expression', features: [], target: () => ({ symbol: /^(?:request|idle)$/ }), runs: 2 },
  { name: 'another process', features: [], target: () => ({ pid: process.pid }), runs: 0 },
  { name: 'a reference counter', features: [], target: t => ({ refCounter: semaphoreIn(binary.of(t)) }) },
  {
    name: 'a cookie',
    features: ['attach cookie'],
    load: { cookie: true },
    target: () => ({ cookie: 7n }),
    check: program => (program.cookie() === 7n ? undefined : `the cookie is ${program.cookie()}, expected 7`),
  },
  { name: 'a program that may sleep', features: ['uprobe sleepable'], load: { flags: ProgFlag.Sleepable }, target: () => ({}) },
]

/** What a target may say besides the function, for programs of one place and of many. */
const uprobeOptions = optionCases.flatMap(({ name, features, load, target, runs = 1, check }) =>
  ([0, AttachType.TraceUprobeMulti] as const).map((expectedAttachType): Scenario => {
    const multi = expectedAttachType !== 0
    return {
      ...common,
      name: `${multi ? 'uprobe.multi' : 'uprobe'} with ${name}`,
      family: 'uprobe',
      requires: { features: [multi ? 'uprobe.multi' : 'uprobe event source', ...features] },
      stimulate: () => {},
      check(t) {
        const program = counting(t, { type: ProgType.Kprobe, expectedAttachType, ...load })
        const link = attachUprobe(t.attachContext, program, { binary: binary.of(t), symbol: 'request', ...target(t) })
        t.defer(() => link.close())
        common.stimulate(t)
        if (program.count() !== runs) throw new Error(`it ran ${program.count()} times, expected ${runs}`)
        const problem = check?.(program, link)
        if (problem !== undefined) throw new Error(problem)
        link.close()
        common.stimulate(t)
        if (program.count() !== runs) throw new Error('it runs once it is detached')
      },
    }
  }),
)

/** Where the counter of the first USDT probe of a binary is. */
function semaphoreIn(path: string): number {
  const [probe] = readUsdtProbes(parseElf(readFileSync(path)))
  return probe?.semaphoreOffset ?? 0
}

interface UprobeCase {
  readonly features: readonly FeatureName[]
  readonly returns?: boolean
  readonly interfaces?: readonly LinkInterface[]
}

const uprobe = (name: string, program: string, { features, ...target }: UprobeCase): Scenario =>
  onHook(program, {
    ...common,
    name,
    family: 'uprobe',
    requires: { features },
    attach: t => attachUprobe(t.attachContext, t.program(program), { binary: binary.of(t), symbol: 'request', ...target }),
  })

const usdt = (name: string, program: string, { features, ...target }: UprobeCase): Scenario =>
  onHook(program, {
    ...common,
    name,
    family: 'usdt',
    requires: { features },
    attach: t => attachUsdt(t.attachContext, t.program(program), { binary: binary.of(t), provider: 'server', name: 'request', ...target }),
  })

const ways: readonly (readonly [LinkInterface, FeatureName[]])[] = [
  ['bpf link', ['uprobe event source', 'perf link']],
  ['perf_event ioctl', ['uprobe event source']],
  ['tracefs event', ['uprobe']],
]

export const uprobeScenarios: readonly Scenario[] = [
  ...uprobeOptions,
  uprobe('uprobe', 'on_uprobe', { features: ['uprobe'] }),
  uprobe('uretprobe', 'on_uretprobe', { features: ['uprobe'], returns: true }),
  ...ways.flatMap(([via, features]) => [
    uprobe(`uprobe by ${via}`, 'on_uprobe', { features, interfaces: [via] }),
    uprobe(`uretprobe by ${via}`, 'on_uretprobe', { features, returns: true, interfaces: [via] }),
  ]),
  uprobe('uprobe.multi', 'on_uprobe_multi', { features: ['uprobe.multi'] }),
  uprobe('uretprobe.multi', 'on_uretprobe_multi', { features: ['uprobe.multi'], returns: true }),
  uprobe('uprobe.session', 'on_uprobe_session', { features: ['uprobe.session'] }),
  usdt('usdt', 'on_uprobe', { features: ['uprobe event source'] }),
  ...ways.map(([via, features]) => usdt(`usdt by ${via}`, 'on_uprobe', { features, interfaces: [via] })),
  usdtArguments('usdt, its arguments and a cookie', { file, binary, features: ['attach cookie'] }),
  // There the program's address says which probe it is.
  usdtArguments('usdt, its arguments in a program with a fixed address', { file: fixedFile, binary: fixedBinary, features: [] }),
  usdt('usdt by multi link', 'on_uprobe_multi', { features: ['uprobe.multi'] }),
]

interface ArgumentsCase {
  readonly file: string
  readonly binary: typeof binary
  readonly features: readonly FeatureName[]
}

function usdtArguments(name: string, { file, binary, features }: ArgumentsCase): Scenario {
  return {
    name,
    family: 'usdt',
    object: 'usdt.o',
    programs: ['see_request'],
    files: [file],
    requires: { features: ['uprobe event source', ...features] },
    prepare: binary.prepare,
    attach: t => t.object.attach({ targets: { see_request: `${binary.of(t)}:server:request,cookie=0x1234` } }).links,
    stimulate: t => run(binary.of(t)),
    check(t) {
      // Passed in registers the first time, then as constants.
      deepEqual([t.read('ids'), t.read('sizes'), t.read('cookie')], [[1n, 7n], [100n, 9n], 0x1234n])
    },
  }
}
