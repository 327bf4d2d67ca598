import { execFile, execFileSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { promisify } from 'node:util'
import { failOnLeaks } from '@bpf/fixtures/leaks'
import { open } from '@bpf/loader'
import { createSys, ids } from '@bpf/sys'
import { describe, expect, it } from 'vitest'
import { fixture, pinObject } from '../testing/pinned-object'
import { type CliResult, runCli } from '../testing/run-cli'

const done = { code: 0, out: [], notes: [] }
const json = async (...args: string[]) => JSON.parse((await runCli('map', ...args, '--json')).out.join('\n'))
const bpftool = (...args: string[]) => JSON.parse(execFileSync('bpftool', ['-j', '-f', ...args], { encoding: 'utf8' }))

describe.skipIf(process.getuid?.() !== 0)('changing maps (needs root)', () => {
  const sys = createSys()
  failOnLeaks(kind => ids(sys, kind))

  // The kernel keeps no types of them: values are bytes.
  const job = (id: number) => ['value', 'hex', '6a', '6f', '62', ...Array<string>(12).fill('00'), `0${id}`]
  const bytes = (id: number) => `6a6f62${'00'.repeat(12)}0${id}`

  it('a queue gives what came first, a stack what came last', async () => {
    using object = await pinObject('features/map-kinds.o')
    const [queue, stack] = [`${object.directory}/maps/jobs`, `${object.directory}/maps/done`]
    for (const id of [1, 2]) {
      expect(await runCli('map', 'enqueue', queue, ...job(id))).toEqual(done)
      expect(await runCli('map', 'push', stack, ...job(id))).toEqual(done)
    }
    expect(await json('peek', queue)).toEqual({ value: bytes(1) })
    expect(await json('peek', stack)).toEqual({ value: bytes(2) })
    expect(await json('dequeue', queue)).toEqual({ value: bytes(1) })
    expect(await json('pop', queue)).toEqual({ value: bytes(2) })
    expect((await runCli('map', 'pop', stack)).out).toEqual(['VALUE', bytes(2).replace(/..(?=.)/g, '$& ')])
    const { code, notes } = await runCli('map', 'pop', queue)
    expect([code, notes[0]]).toEqual([1, expect.stringMatching(/^error: map \d+ jobs is empty$/)])
  })

  it('a full queue takes nothing, a bloom filter anything, other maps only entries', async () => {
    using object = await pinObject('features/map-kinds.o')
    const maps = `${object.directory}/maps`
    for (const id of [1, 2, 3, 4]) expect(await runCli('map', 'push', `${maps}/jobs`, ...job(id))).toEqual(done)
    expect((await runCli('map', 'push', `${maps}/jobs`, ...job(5))).notes[0]).toMatch(/is full$/)
    expect(await runCli('map', 'push', `${maps}/seen`, ...job(1))).toEqual(done)
    const { code, notes } = await runCli('map', 'push', `${maps}/routes`, 'value', '{"via":1,"metric":1}')
    expect([code, notes.join('\n')]).toEqual([1, expect.stringContaining('bpf map update writes an entry')])
  })

  it('a map without keys says so, and what it takes', async () => {
    using object = await pinObject('features/map-kinds.o')
    const jobs = `${object.directory}/maps/jobs`
    for (const words of [
      ['update', jobs, 'key', '1', 'value', '1'],
      ['delete', jobs, 'key', '1'],
      ['lookup', jobs, 'key', '1'],
    ]) {
      const { code, notes } = await runCli('map', ...words)
      expect([code, notes.join('\n')]).toEqual([1, expect.stringMatching(/jobs has no keys: it is a queue\n.*bpf map push/)])
    }
  })

  it('walks the keys as bytes', async () => {
    using object = await pinObject('features/map-kinds.o')
    const perCpu = `${object.directory}/maps/per_cpu`
    expect(await json('getnext', perCpu)).toEqual({ key: null, nextKey: '00000000' })
    expect(await json('getnext', perCpu, 'key', '0')).toEqual({ key: '00000000', nextKey: '01000000' })
    const { code, notes } = await runCli('map', 'getnext', perCpu, 'key', '1')
    expect([code, notes[0]]).toEqual([1, 'error: there is no next key'])
  })

  it('a frozen map takes no more writes, and says that it is frozen', async () => {
    using object = await pinObject('features/map-kinds.o')
    const routes = `${object.directory}/maps/per_cpu`
    expect(await runCli('map', 'freeze', routes)).toEqual(done)
    expect((await json('show', routes))[0]).toMatchObject({ frozen: true })
    expect((await runCli('map', 'show', routes)).out).toContainEqual(expect.stringMatching(/^ {2}frozen +no more writes/))
    const { code, notes } = await runCli('map', 'update', routes, 'key', '0', 'value', '{"via":1,"metric":1}')
    expect([code, notes.join('\n')]).toEqual([1, expect.stringContaining('it is frozen')])
    expect(bpftool('map', 'show', 'pinned', routes)).toMatchObject({ frozen: 1 })
  })

  it('a pin gives a map a path of its own', async () => {
    using object = await pinObject('features/map-kinds.o')
    const path = `${object.directory}/again`
    expect(await runCli('map', 'pin', 'pinned', `${object.directory}/maps/jobs`, path)).toEqual(done)
    const [map] = await json('show', path)
    expect(map.pinned.toSorted()).toEqual([path, `${object.directory}/maps/jobs`].toSorted())
    rmSync(path)
    expect((await runCli('map', 'pin', `${object.directory}/maps/jobs`)).code).toBe(2)
    expect((await runCli('map', 'pin', `${object.directory}/maps/jobs`, `${object.directory}/maps/done`)).code).toBe(1)
  })

  it('makes maps of every shape', async () => {
    using object = await pinObject('features/map-kinds.o')
    const create = (name: string, ...args: string[]) => runCli('map', 'create', `${object.directory}/${name}`, ...args)
    const flags = ['--flags', 'no_prealloc,0x80']
    expect(
      await create(
        'trie',
        '--type',
        'lpm_trie',
        '--key',
        '8',
        '--value',
        '4',
        '--entries',
        '16',
        '--name',
        'trie',
        '--flags',
        'no_prealloc',
      ),
    ).toEqual(done)
    expect(await create('readonly', '--type', 'hash', '--key', '4', '--value', '4', '--entries', '1', ...flags)).toEqual(done)
    expect(await create('ring', '--type', 'ringbuf', '--entries', '4096')).toEqual(done)
    expect(
      await create(
        'outer',
        '--type',
        'hash_of_maps',
        '--key',
        '4',
        '--value',
        '4',
        '--entries',
        '2',
        '--inner',
        `${object.directory}/trie`,
      ),
    ).toEqual(done)
    for (const name of ['trie', 'readonly', 'ring', 'outer']) {
      const path = `${object.directory}/${name}`
      expect(JSON.parse((await runCli('map', 'show', path, '--bpftool-json')).out.join('\n'))).toEqual(
        bpftool('map', 'show', 'pinned', path),
      )
    }
    expect((await json('show', `${object.directory}/readonly`))[0]).toMatchObject({ flags: 0x81 })
  })

  it('makes maps in the words of bpftool, as bpftool makes them', async () => {
    using object = await pinObject('features/map-kinds.o')
    const inner = `${object.directory}/inner`
    const shapes = {
      inner: 'type hash key 4 value 8 entries 16 name inner flags 1',
      outer: `type hash_of_maps key 4 value 4 entries 2 name outer inner_map pinned ${inner}`,
    }
    for (const [name, words] of Object.entries(shapes)) {
      const path = `${object.directory}/${name}`
      expect(await runCli('map', 'create', path, ...words.split(' '))).toEqual(done)
      execFileSync('bpftool', ['map', 'create', `${path}-theirs`, ...words.split(' ')])
      const [{ id: _, pinned: __, ...ours }, { id: ___, pinned: ____, ...theirs }] = [path, `${path}-theirs`].map(each =>
        bpftool('map', 'show', 'pinned', each),
      )
      expect(ours).toEqual(theirs)
    }
    const { code, notes } = await runCli('map', 'create', `${object.directory}/none`, 'type', 'hash', 'kee', '4')
    expect([code, notes[0]]).toEqual([2, 'error: kee: not understood'])
  })

  it.each([
    [['--type', 'hahs', '--key', '4'], 'did you mean hash'],
    [['--key', '4'], '--type is needed'],
    [['--type', 'hash', '--key', 'four'], '--key four: not a number'],
    [['--type', 'hash', '--key', '4', '--flags', 'fast'], '--flags fast: there is no such flag'],
  ])('refuses to make a map by %j', async (args, message) => {
    const { code, notes } = await runCli('map', 'create', '/sys/fs/bpf/never-made', ...args)
    expect([code, notes.join('\n')]).toEqual([2, expect.stringContaining(message)])
  })

  /** Starts processes until the command has seen what it waits for. */
  async function whileExecuting(command: Promise<CliResult>): Promise<CliResult> {
    let ended = false
    const result = command.finally(() => {
      ended = true
    })
    while (!ended) await promisify(execFile)('/bin/true')
    return result
  }

  it('shows what programs write to a ring buffer', async () => {
    using object = open(readFileSync(fixture('examples/execsnoop.o'))).load()
    object.attach()
    const id = `${object.map('events', 'ringbuf').info().id}`
    const lines = await whileExecuting(runCli('map', 'event_pipe', 'id', id, '--count', '2', '--json'))
    expect(lines.code).toBe(0)
    expect(lines.out.map(line => JSON.parse(line))).toEqual([{ data: expect.stringMatching(/^[0-9a-f]+$/) }, { data: expect.any(String) }])
    const text = await whileExecuting(runCli('map', 'events', 'id', id, '--count', '1'))
    expect(text.out[0]).toMatch(/^([0-9a-f]{2} )+[0-9a-f]{2}$/)
  })

  it('shows what programs write to a perf buffer, with the CPU, until it is time', async () => {
    using object = open(readFileSync(fixture('features/perf-events.o')))
      .set('target_pid', process.pid)
      .load()
    object.attach()
    const id = `${object.map('events', 'perfEventArray').info().id}`
    const { code, out } = await whileExecuting(runCli('map', 'event_pipe', 'id', id, '--count', '1', '--json'))
    expect([code, JSON.parse(out[0] ?? '')]).toEqual([0, { cpu: expect.any(Number), data: expect.stringMatching(/^[0-9a-f]+$/) }])
    expect((await runCli('map', 'event_pipe', 'id', id, '--for', '10ms')).code).toBe(0)
    for (const words of [
      ['--cpu', '0'],
      ['cpu', '0', 'index', '0'],
    ])
      expect(await runCli('map', 'event_pipe', 'id', id, '--for', '10ms', ...words)).toMatchObject({ code: 0, notes: [] })
    const { code: wrong, notes } = await runCli('map', 'event_pipe', 'id', id, 'cpu', '0', 'index', '1')
    expect([wrong, notes[0]]).toEqual([2, 'error: cpu and index differ'])
  })

  it('has nothing to show of a map that delivers no events', async () => {
    using object = await pinObject('features/map-kinds.o')
    const { code, notes } = await runCli('map', 'event_pipe', `${object.directory}/maps/routes`)
    expect([code, notes.join('\n')]).toEqual([1, expect.stringContaining('bpf map dump shows its entries')])
  })
})
