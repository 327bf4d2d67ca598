import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { attachUprobe, attachUsdt, type LinkInterface } from '@bpf/attach'
import type { FeatureName } from '../scenario/features'
import type { Scenario } from '../scenario/types'
import { onHook, prepared } from './every-hook'

/** Has the function `request`, and in it the USDT probe `server:request`; passes both, then ends. */
const file = 'probes.elf'

const binary = prepared(t => {
  const directory = mkdtempSync(join(tmpdir(), 'bpf-test-'))
  t.defer(() => rmSync(directory, { recursive: true }))
  const path = join(directory, 'probes')
  copyFileSync(t.file(file), path)
  chmodSync(path, 0o755)
  return path
})

const common = {
  files: [file],
  prepare: binary.prepare,
  stimulate: t => {
    const { status } = spawnSync(binary.of(t))
    if (status !== 0) throw new Error(`the probed program ended with ${status}`)
  },
} satisfies Partial<Scenario>

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
  usdt('usdt by multi link', 'on_uprobe_multi', { features: ['uprobe.multi'] }),
]
