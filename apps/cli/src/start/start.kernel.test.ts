import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { testNetwork } from '@bpf/attach/testing'
import { createSys, ids, type ObjectKind } from '@bpf/sys'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

/** The command as a user runs it: built, in a process of its own. */
const bpf = fileURLToPath(new URL('../../dist/main.js', import.meta.url))
const fixture = (path: string) => fileURLToPath(new URL(`../../../../packages/fixtures/objects/${path}`, import.meta.url))

const root = process.getuid?.() === 0
const ready = root && existsSync(bpf)

interface Run {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

function run(...args: string[]): Run {
  return spawnSync(process.execPath, [bpf, ...args], { encoding: 'utf8', timeout: 30_000 })
}

/** Runs the command, and `action` once it says that it delivers events; then sends `signal` if there is one. */
async function runWhile(args: string[], action: () => void | Promise<void>, signal?: NodeJS.Signals): Promise<Run> {
  const child = spawn(process.execPath, [bpf, ...args])
  const output = collect(child)
  const running = /✓ events|this object delivers no events|✓ link/
  while (!running.test(output.stderr) && child.exitCode === null) await setTimeout(20)
  await setTimeout(100)
  await action()
  if (signal) {
    await setTimeout(200)
    child.kill(signal)
  }
  const [status] = await once(child, 'close')
  return { status, stdout: output.stdout, stderr: output.stderr }
}

function collect(child: ChildProcess) {
  const output = { stdout: '', stderr: '' }
  child.stdout?.on('data', chunk => {
    output.stdout += chunk
  })
  child.stderr?.on('data', chunk => {
    output.stderr += chunk
  })
  return output
}

const records = (run: Run) =>
  run.stdout
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line))

/** Every program, map, link and BTF in the kernel. */
function inKernel(): ReadonlySet<string> {
  const sys = createSys()
  const kinds: readonly ObjectKind[] = ['prog', 'map', 'link', 'btf']
  return new Set(kinds.flatMap(kind => [...ids(sys, kind)].map(id => `${kind} ${id}`)))
}

describe.skipIf(!ready)('bpf start (needs root and a built command)', () => {
  let before: ReadonlySet<string>
  beforeEach(() => {
    before = inKernel()
  })
  afterEach(async () => {
    // What is freed goes after a grace period, and others on this machine may load something for a moment.
    await expect.poll(() => [...inKernel()].filter(object => !before.has(object)), { timeout: 5000 }).toEqual([])
  })

  it('shows every program that is started, then leaves nothing behind', async () => {
    const result = await runWhile(['start', '--for', '1500ms'], () => void spawnSync('/bin/true'))
    expect(result.status).toBe(0)
    const exec = records(result).find(r => r.value.filename === '/bin/true')
    expect(exec).toMatchObject({ map: 'events', value: { kind: 'EXEC', comm: 'true', ppid: process.pid } })
    expect(exec.value.timestamp_ns).toMatch(/^\d+$/)
    for (const step of ['object', 'map', 'program', 'link', 'events']) expect(result.stderr).toContain(`✓ ${step}`)
    expect(result.stderr).toContain('sched:sched_process_exec  bpf link')
    expect(result.stderr).toMatch(/\d+ events, 0 lost; detached 2, unloaded 2/)
  })

  it('sets global variables: only the process asked for is shown', async () => {
    const result = await runWhile(
      ['start', fixture('examples/execsnoop.o'), '--set', `target_pid=${process.pid}`, '--for', '1s'],
      () => void spawnSync('/bin/true'),
    )
    expect(result.status).toBe(0)
    expect(records(result)).toEqual([])
  })

  it('stops after --count events', async () => {
    const result = await runWhile(['start', '--count', '1', '--for', '10s'], () => void spawnSync('/bin/true'))
    expect(result.status).toBe(0)
    expect(records(result).length).toBe(1)
  })

  it.each(['SIGINT', 'SIGTERM'] as const)('ends cleanly on %s', async signal => {
    const result = await runWhile(['start'], () => {}, signal)
    expect(result.status).toBe(0)
    expect(result.stderr).toContain('detached 2, unloaded 2')
  })

  it('leaves nothing attached when it is killed in the middle', async () => {
    const result = await runWhile(['start'], () => {}, 'SIGKILL')
    expect(result.status).toBeNull()
  })

  it('takes away what an earlier one left that was killed, wherever it is attached', async () => {
    using network = testNetwork(createSys())
    const { netns, interface: name } = network.near
    const where = `tc=${name}:ingress,netns=${netns},priority=9`
    const filters = () => execFileSync('tc', ['-n', basename(netns), 'filter', 'show', 'dev', name, 'ingress'], { encoding: 'utf8' })
    const start = ['start', fixture('attach/every-hook.o'), '--only', 'on_tc', '--attach', where]
    await runWhile(start, () => expect(filters()).toContain('on_tc'), 'SIGKILL')
    expect(filters()).toContain('on_tc')

    const next = run('start', fixture('examples/execsnoop.o'), '--for', '10ms')
    expect(next.stderr).toContain(`took away what a killed process left: ingress filter`)
    expect(filters()).not.toContain('on_tc')
  })

  it('delivers perf buffer events with the CPU they come from', async () => {
    const result = await runWhile(['start', fixture('features/perf-events.o'), '--for', '1s'], () => void spawnSync('/bin/true'))
    expect(result.status).toBe(0)
    expect(records(result)[0]).toMatchObject({ map: 'events', cpu: expect.any(Number) })
  })

  it('copies the trace pipe with --trace', async () => {
    const result = await runWhile(['start', fixture('features/printk.o'), '--trace', '--for', '1s'], () => void spawnSync('/bin/true'))
    expect(result.status).toBe(0)
    expect(result.stderr).toMatch(/bpf_trace_printk: exec by pid \d+/)
  })

  it('shows maps once a second with --maps', async () => {
    const result = await runWhile(['start', fixture('examples/syscall-count.o'), '--maps', '--for', '1500ms'], () => {})
    expect(result.status).toBe(0)
    const last = records(result).findLast(r => r.map === 'syscalls')
    expect(last.entries.length).toBeGreaterThan(5)
    expect(last.entries[0]).toEqual({ key: expect.any(Number), value: expect.stringMatching(/^\d+$/) })
  })

  it.each(['examples/xdp-monitor.o', 'examples/xdp-monitor-legacy.o'])('attaches every tracepoint of %s', async object => {
    const result = await runWhile(['start', fixture(object), '--maps', '--for', '500ms'], () => {})
    expect(result.stderr).toContain('tracepoint xdp:xdp_exception')
    expect(result.status).toBe(0)
  })

  it('fails with the verifier’s reason, the line of C and what to do', () => {
    const result = run('start', fixture('bad/verifier.o'))
    expect(result.status).toBe(3)
    expect(result.stderr).toContain('was rejected by the verifier')
    expect(result.stderr).toMatch(/verifier\.bpf\.c:\d+: /)
    expect(result.stderr).toContain('hint: compare the pointer')
  })

  it('names near tracepoints when there is none of that name', () => {
    const result = run('start', fixture('bad/tracepoint.o'))
    expect(result.status).toBe(1)
    expect(result.stderr).toContain('there is no such tracepoint on this kernel')
    expect(result.stderr).toContain('did you mean')
  })

  it.each<[what: string, args: string[], status: number, message: string]>([
    ['a file that is not there', ['start', '/nonexistent.o'], 1, '/nonexistent.o: no such file'],
    ['text instead of an object', ['start', bpf], 1, 'not an ELF file but'],
    ['a program for this machine', ['start', process.execPath], 1, 'not for BPF'],
    ['a version section that is not 4 bytes', ['start', fixture('bad/version.o')], 1, 'version'],
    ['a map definition with unknown fields set', ['start', fixture('legacy/map-def-nonzero-tail.o')], 1, 'map'],
    ['an unknown option', ['start', '--jsno'], 2, 'did you mean --json?'],
    ['an unknown command', ['strat'], 2, 'did you mean start?'],
    ['an unknown variable', ['start', fixture('examples/execsnoop.o'), '--set', 'target_pdi=1'], 1, 'did you mean "target_pid"?'],
    ['a value that does not fit', ['start', fixture('examples/execsnoop.o'), '--set', 'target_pid=-1'], 1, 'target_pid'],
  ])('explains %s', (_, args, status, message) => {
    const result = run(...args)
    expect(result.stderr).toContain(message)
    expect(result.status).toBe(status)
    expect(result.stderr).not.toContain('    at ')
  })

  it('prints the plan without privileges, and says which are missing', () => {
    const args = ['--bounding-set=-all', '--inh-caps=-all', process.execPath, bpf, 'start', fixture('examples/execsnoop.o')]
    const result = spawnSync('setpriv', args, { encoding: 'utf8' })
    expect(result.stdout).toContain('maps to create')
    expect(result.stdout).toContain('on_exec')
    expect(result.stderr).toContain('CAP_BPF (creating maps and loading programs)')
    expect(result.stderr).toContain('CAP_PERFMON (tracing programs)')
    expect(result.status).toBe(4)
  })

  it('changes nothing with --dry-run', () => {
    const result = run('start', fixture('examples/execsnoop.o'), '--dry-run')
    expect(result.stdout).toMatch(/events\s+ringbuf {2}256 KiB/)
    expect(result.status).toBe(0)
  })
})
