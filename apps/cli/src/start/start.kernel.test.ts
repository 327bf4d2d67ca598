import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { basename } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { testNetwork } from '@bpf/attach/testing'
import { createSys, ids, type ObjectKind } from '@bpf/sys'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { bpf, isBuilt, type Output, run, runUntil } from '../testing/bpf-process'
import { fixture } from '../testing/pinned-object'

const ready = process.getuid?.() === 0 && isBuilt
const execTrue = () => spawnSync('/bin/true')

/** The JSON lines that are whole by now. */
const records = ({ stdout }: Output) =>
  stdout
    .split('\n')
    .slice(0, -1)
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
    const isExec = (record: ReturnType<typeof JSON.parse>) => record.value.filename === '/bin/true'
    const result = await runUntil(['start'], { action: execTrue, until: output => records(output).some(isExec) })
    expect(result.status).toBe(0)
    const exec = records(result).find(isExec)
    expect(exec).toMatchObject({ map: 'events', value: { kind: 'EXEC', comm: 'true', ppid: process.pid } })
    expect(exec.value.timestamp_ns).toMatch(/^\d+$/)
    for (const step of ['object', 'map', 'program', 'link', 'events']) expect(result.stderr).toContain(`✓ ${step}`)
    expect(result.stderr).toContain('sched:sched_process_exec  bpf link')
    expect(result.stderr).toMatch(/\d+ events, 0 lost; detached 2, unloaded 2/)
  })

  it('stops with a failure, and leaves nothing behind, when its output cannot be written', async () => {
    const full = openSync('/dev/full', 'w')
    const child = spawn(process.execPath, [bpf, 'start'], { stdio: ['ignore', full, 'pipe'] })
    onTestFinished(() => void child.kill('SIGKILL'))
    closeSync(full)
    let said = ''
    child.stderr?.setEncoding('utf8').on('data', text => (said += text))
    const ended = once(child, 'close')
    while (child.exitCode === null) {
      execTrue()
      await setTimeout(20)
    }
    await ended
    expect(child.exitCode).toBe(1)
    expect(said).toMatch(/error: the output cannot be written: ENOSPC/)
    expect(said).toMatch(/detached 2, unloaded 2/)
  })

  it('sets global variables: only the process asked for is shown', async () => {
    const shell = spawn('sh', ['-c', 'read line; exec /bin/true'])
    onTestFinished(() => void shell.kill('SIGKILL'))
    const execOthersFirst = () => {
      execTrue()
      shell.stdin.end('go\n')
    }
    const args = ['start', fixture('examples/execsnoop.o'), '--set', `target_pid=${shell.pid}`]
    const result = await runUntil(args, { action: execOthersFirst, until: output => records(output).length > 0 })
    expect(result.status).toBe(0)
    for (const { value } of records(result)) expect(value).toMatchObject({ pid: shell.pid, comm: 'true' })
  })

  it('stops by itself after --count events', async () => {
    const result = await runUntil(['start', '--count', '1'], { action: execTrue, until: () => false })
    expect(result.status).toBe(0)
    expect(records(result).length).toBe(1)
  })

  it('stops by itself after --for', () => {
    const result = run('start', '--for', '10ms')
    expect(result.stderr).toContain('detached 2, unloaded 2')
    expect(result.status).toBe(0)
  })

  it.each(['SIGINT', 'SIGTERM'] as const)('ends cleanly on %s', async signal => {
    const result = await runUntil(['start'], { until: ({ stderr }) => stderr.includes('✓ events'), signal })
    expect(result.status).toBe(0)
    expect(result.stderr).toContain('detached 2, unloaded 2')
  })

  it('leaves nothing attached when it is killed in the middle', async () => {
    const result = await runUntil(['start'], { until: ({ stderr }) => stderr.includes('✓ events'), signal: 'SIGKILL' })
    expect(result.status).toBeNull()
  })

  it('takes away what an earlier one left that was killed, wherever it is attached', async () => {
    using network = testNetwork(createSys())
    const { netns, interface: name } = network.near
    const where = `tc=${name}:ingress,netns=${netns},priority=9`
    const filters = () => execFileSync('tc', ['-n', basename(netns), 'filter', 'show', 'dev', name, 'ingress'], { encoding: 'utf8' })
    const start = ['start', fixture('attach/every-hook.o'), '--only', 'on_tc', '--attach', where]
    await runUntil(start, { until: ({ stderr }) => stderr.includes('✓ link'), signal: 'SIGKILL' })
    expect(filters()).toContain('on_tc')

    const next = run('start', fixture('examples/execsnoop.o'), '--for', '10ms')
    expect(next.stderr).toContain(`took away what a killed process left: ingress filter`)
    expect(filters()).not.toContain('on_tc')
  })

  it('delivers perf buffer events with the CPU they come from', async () => {
    const args = ['start', fixture('features/perf-events.o')]
    const result = await runUntil(args, { action: execTrue, until: output => records(output).length > 0 })
    expect(result.status).toBe(0)
    expect(records(result)[0]).toMatchObject({ map: 'events', cpu: expect.any(Number) })
  })

  it('shows records whose type the map does not declare as bytes, and says how to name it', async () => {
    const args = ['start', fixture('features/untyped-records.o')]
    const result = await runUntil(args, { action: execTrue, until: output => records(output).length > 1 })
    expect(records(result)[0].value).toMatch(/^07000000/)
    expect(result.stderr).toContain('events has no declared type; name one with --type events=STRUCT (candidates: event)')
    expect(result.stderr).toContain('samples has no declared type')
  })

  it('shows them by the type that --type names', async () => {
    const args = ['start', fixture('features/untyped-records.o'), '--type', 'events=event', '--type', 'samples=struct event']
    const result = await runUntil(args, { action: execTrue, until: output => records(output).length > 1 })
    for (const { value } of records(result)) expect(value).toEqual({ pid: 7, padding: 0, bytes: String(1n << 40n), comm: 'cat' })
    expect(result.stderr).not.toContain('no declared type')
  })

  it('copies the trace pipe with --trace', async () => {
    const printed = /bpf_trace_printk: exec by pid \d+/
    const args = ['start', fixture('features/printk.o'), '--trace']
    const result = await runUntil(args, { action: execTrue, until: ({ stderr }) => printed.test(stderr) })
    expect(result.status).toBe(0)
    expect(result.stderr).toMatch(printed)
  })

  it('shows maps once a second with --maps', async () => {
    const last = (output: Output) => records(output).findLast(record => record.map === 'syscalls')
    // Starting a program takes a dozen of system calls: nothing else needs to happen on this machine.
    const until = (output: Output) => last(output)?.entries.length > 5
    const result = await runUntil(['start', fixture('examples/syscall-count.o'), '--maps'], { action: execTrue, until })
    expect(result.status).toBe(0)
    expect(last(result).entries[0]).toEqual({ key: expect.any(Number), value: expect.stringMatching(/^\d+$/) })
  })

  it.each(['examples/xdp-monitor.o', 'examples/xdp-monitor-legacy.o'])('attaches every tracepoint of %s', async object => {
    const result = await runUntil(['start', fixture(object), '--maps'], { until: output => records(output).length > 0 })
    expect(result.stderr).toContain('tracepoint xdp:xdp_exception')
    expect(result.status).toBe(0)
  })

  it.each([
    ['examples/syscall-count.o --maps', 'RATE', /stopped; detached 1, unloaded 1/],
    ['examples/execsnoop.o', 'Ctrl-C to stop', /\n\d+ events, 0 lost; detached 2, unloaded 2/],
  ])('stops at Ctrl-C on a terminal as it does elsewhere, also one that does not know its size: %s', async (args, ready, end) => {
    // `exec`: a shell that stays in between would end by the Ctrl-C too, and its status be the one that is seen.
    const command = `exec ${process.execPath} ${bpf} start ${fixture(args)}`
    const child = spawn('script', ['-qec', command, '/dev/null'])
    onTestFinished(() => void child.kill('SIGKILL'))
    let output = ''
    child.stdout.setEncoding('utf8').on('data', text => (output += text))
    const closed = once(child, 'close')
    while (child.exitCode === null && !output.includes(ready)) await setTimeout(20)
    child.stdin.write('\x03')
    expect((await closed)[0]).toBe(0)
    expect(output).toMatch(end)
  })

  it.each(['stdout', 'stderr'] as const)('does not mind that nobody reads its %s any more', async stream => {
    const child = spawn(process.execPath, [bpf, 'start', fixture('examples/execsnoop.o'), '--dry-run'])
    child.stdout.resume()
    child.stderr.resume()
    child[stream].destroy()
    expect((await once(child, 'close'))[0]).toBe(0)
  })

  it('says how to attach what says nowhere where it goes', () => {
    const { status, stderr } = run('start', fixture('examples/xdp-filter.o'), '--for', '100ms')
    expect(status).toBe(0)
    expect(stderr).toMatch(/not attached: section "xdp" needs a target that the section does not name, an interface: eth0/)
    expect(stderr).toMatch(/hint: say where to attach: --attach \w+=TARGET/)
  })

  it('fails with the verifier’s reason, the line of C and what to do', () => {
    const result = run('start', fixture('bad/verifier.o'))
    expect(result.status).toBe(3)
    expect(result.stderr.match(/was rejected by the verifier/g)).toHaveLength(1)
    expect(result.stderr).toMatch(/verifier\.bpf\.c:\d+: /)
    expect(result.stderr).toContain('hint: compare the pointer')
    expect(result.stderr).not.toMatch(/processed \d+ insns/)
  })

  it('shows the whole log of the verifier with --verbose', () => {
    const { status, stderr } = run('start', '--verbose', fixture('bad/verifier.o'))
    expect(status).toBe(3)
    expect(stderr).toMatch(/processed \d+ insns[\s\S]*was rejected by the verifier/)
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
    ['an unknown record type', ['start', fixture('features/untyped-records.o'), '--type', 'events=evnt'], 1, 'did you mean event?'],
    ['a record type without a map', ['start', '--type', 'event'], 2, 'expected MAP=TYPE'],
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
