import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { readFixture } from '@bpf/fixtures'
import { afterAll, describe, expect, it } from 'vitest'
import { findCommand } from '../guest/find-command'
import { defaultCache, KernelStore } from '../kernels/store'
import type { Report } from '../results'

/** As users run it. */
const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url))
const built = existsSync(main)
const isRoot = process.getuid?.() === 0
const cached = new KernelStore(defaultCache()).list().filter(({ files }) => files !== undefined)
const kernel =
  findCommand('qemu-system-x86_64') && findCommand('busybox') && cached.find(({ release }) => release.name === '6.1')?.release.name

const directory = mkdtempSync(join(tmpdir(), 'bpf-harness-test-'))
afterAll(() => rmSync(directory, { recursive: true }))
writeFileSync(join(directory, 'counter.o'), await readFixture('attach/every-hook.o'))

/** What a user would write. */
const scenarios = `
import { scenario, type ScenarioContext } from '@bpf/test-harness'

const callGetppid = (t: ScenarioContext) => { void process.ppid; t.log('called') }
const common = { family: 'tracepoint', object: 'counter.o', programs: ['on_tracepoint'] } as const

const works = scenario({ ...common, name: 'counts', attach: { on_tracepoint: 'syscalls/sys_enter_getppid' }, stimulate: callGetppid })
const fails = scenario({
  ...common,
  name: 'is wrong',
  stimulate: callGetppid,
  check: t => { if (Number(t.read('runs')) < 1_000_000) throw new Error('too few runs') },
})
const skipped = scenario({ ...common, name: 'is of the future', requires: { kernel: '99.1' } })
export default [works, fails, skipped]
`
const file = join(directory, 'getppid.ts')
writeFileSync(file, scenarios)

function run(...args: readonly string[]): { readonly status: number | null; readonly report: Report } {
  const { status, stdout } = spawnSync(process.execPath, [main, 'run', ...args, '--reporter', 'json', '--logs', directory], {
    encoding: 'utf8',
  })
  return { status, report: JSON.parse(stdout) }
}

/** Of this machine, by their command lines. */
const processes = () =>
  readdirSync('/proc').flatMap(pid => {
    try {
      return /^\d+$/.test(pid) ? [{ command: readFileSync(`/proc/${pid}/cmdline`, 'utf8') }] : []
    } catch {
      return [] // gone meanwhile
    }
  })

const expected = (name: string) => [
  expect.objectContaining({ kernel: name, scenario: 'counts', status: 'pass', interface: 'bpf link' }),
  expect.objectContaining({
    kernel: name,
    scenario: 'is wrong',
    status: 'fail',
    reason: expect.stringMatching(/^too few runs\n[\s\S]*called$/),
  }),
  expect.objectContaining({ kernel: name, scenario: 'is of the future', status: 'skip', reason: 'needs Linux 99.1' }),
]

describe.skipIf(!isRoot || !built)(`a user's scenarios${built ? '' : ' (needs a build)'}${isRoot ? '' : ' (needs root)'}`, () => {
  it('run on this kernel', () => {
    const { status, report } = run(file)
    expect(report.results).toEqual(expected('host'))
    expect(status).toBe(1)
  })

  it.skipIf(!kernel)(`run in a guest${kernel ? '' : ' (needs QEMU, busybox, and bpf-test kernels pull 6.1)'}`, { timeout: 300_000 }, () => {
    const { report } = run(file, '--kernel', '6.1')
    expect(report.kernels).toEqual([expect.objectContaining({ name: '6.1', release: expect.stringMatching(/^6\.1\./), crashes: [] })])
    expect(report.results).toEqual(expected('6.1'))
  })

  it('stop at Ctrl-C, after the one that runs has cleaned up', { timeout: 60_000 }, async () => {
    const slow = join(directory, 'slow.ts')
    const until = "check: t => { t.cgroup(); console.log('under way'); return new Promise(resolve => setTimeout(resolve, 2000)) }"
    writeFileSync(slow, `${[1, 2].map(n => `export const s${n} = { name: 's${n}', family: 'slow', ${until} }`).join('\n')}\n`)
    const child = spawn(process.execPath, [main, 'run', slow, '--reporter', 'json', '--logs', directory])
    const log = join(directory, 'host.log')
    rmSync(log, { force: true })
    while (!existsSync(log) || !readFileSync(log, 'utf8').includes('under way')) await setTimeout(20)
    child.kill('SIGINT')
    const [code] = await once(child, 'close')
    expect(code).toBe(130)
    expect(readFileSync(log, 'utf8').match(/under way/g)).toHaveLength(1)
    expect(readdirSync('/sys/fs/cgroup').filter(name => name.includes('harness-'))).toEqual([])
  })

  it.skipIf(!kernel)(
    `leave neither a guest nor its files at Ctrl-C on a terminal${kernel ? '' : ' (needs QEMU, busybox, and bpf-test kernels pull 6.1)'}`,
    { timeout: 120_000 },
    async () => {
      const temporary = mkdtempSync(join(directory, 'tmp-'))
      const command = `exec ${process.execPath} ${main} run ${file} --kernel 6.1`
      const child = spawn('script', ['-qec', command, '/dev/null'], { env: { ...process.env, TMPDIR: temporary } })
      let output = ''
      child.stdout.setEncoding('utf8').on('data', text => (output += text))
      const closed = once(child, 'close')
      const guests = () => processes().filter(({ command }) => command.includes('qemu') && command.includes(temporary))
      while (child.exitCode === null && guests().length === 0) await setTimeout(20)
      child.stdin.write('\x03')
      expect((await closed)[0]).toBe(130)
      expect(output).toContain('stopped\r\n')
      expect(output).not.toContain('crashed')
      expect(guests()).toEqual([])
      expect(readdirSync(temporary)).toEqual([])
    },
  )

  it('fail where a right is missing: that is nothing that the kernel lacks', () => {
    const rights = ['--bounding-set=-all', '--inh-caps=-all']
    const args = [...rights, process.execPath, main, 'run', join(directory, 'counter.o'), '--only', 'on_tracepoint', '--reporter', 'json']
    const { status, stdout } = spawnSync('setpriv', args, { encoding: 'utf8' })
    expect(JSON.parse(stdout).results).toEqual([expect.objectContaining({ status: 'fail', reason: expect.stringContaining('CAP_BPF') })])
    expect(status).toBe(1)
  })

  it('are made of an object that says nothing more than its sections', () => {
    const { report } = run(join(directory, 'counter.o'), '--only', 'on_tracepoint', '--only', 'on_xdp')
    expect(report.results).toEqual([
      expect.objectContaining({ scenario: 'counter: on_tracepoint', status: 'pass', interface: 'bpf link' }),
      expect.objectContaining({ scenario: 'counter: on_xdp', status: 'pass' }),
    ])
  })
})
