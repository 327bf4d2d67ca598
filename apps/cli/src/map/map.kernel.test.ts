import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { failOnLeaks } from '@bpf/fixtures/leaks'
import { createSys, ids } from '@bpf/sys'
import { describe, expect, it } from 'vitest'
import { pinObject } from '../testing/pinned-object'
import { runCli } from '../testing/run-cli'

const json = async (...args: string[]) => JSON.parse((await runCli(...args)).out.join('\n'))

describe.skipIf(process.getuid?.() !== 0)('bpf map (needs root)', () => {
  const sys = createSys()
  failOnLeaks(kind => ids(sys, kind))

  it('lists what bpftool lists, in its words', async () => {
    for (const file of ['features/map-kinds.o', 'legacy/map-in-map.o', 'examples/execsnoop.o']) {
      using object = await pinObject(file)
      const names = readdirSync(`${object.directory}/maps`)
      expect(names.length).toBeGreaterThan(0)
      for (const name of names) {
        const path = `${object.directory}/maps/${name}`
        const theirs = JSON.parse(execFileSync('bpftool', ['-j', '-f', 'map', 'show', 'pinned', path], { encoding: 'utf8' }))
        // An older one has no name for newer types.
        if (typeof theirs.type === 'string') expect(await json('map', 'show', path, '--bpftool-json')).toEqual(theirs)
      }
    }
  })

  it('changes, finds and takes away typed entries', async () => {
    using object = await pinObject('features/map-kinds.o')
    const routes = `${object.directory}/maps/routes`
    expect((await runCli('map', 'update', routes, 'key', '10.0.0.0/8', 'value', '{"via":1,"metric":5}')).notes).toEqual([])
    expect(await json('map', 'lookup', routes, 'key', '10.1.2.3/32', '--json')).toMatchObject({ value: { via: 1, metric: 5 } })
    const dumped = await json('map', 'dump', routes, '--json')
    expect(dumped).toMatchObject({ name: 'routes', type: 'lpm_trie', entries: [{ key: '10.0.0.0/8', value: { via: 1, metric: 5 } }] })
    expect((await runCli('map', 'delete', routes, 'key', '10.0.0.0/8')).code).toBe(0)
    expect((await runCli('map', 'delete', routes, 'key', '10.0.0.0/8')).code).toBe(1)
  })

  it('prints entries as bpftool does, with what BTF makes of them', async () => {
    const bpftool = (...args: string[]) => JSON.parse(execFileSync('bpftool', ['-j', 'map', ...args], { encoding: 'utf8' }))
    using kinds = await pinObject('features/map-kinds.o')
    const [routes, perCpu, jobs] = ['routes', 'per_cpu', 'jobs'].map(name => `${kinds.directory}/maps/${name}`) as [string, string, string]
    await runCli('map', 'update', routes, 'key', '10.0.0.0/8', 'value', '{"via":1,"metric":5}')
    await runCli('map', 'push', jobs, 'value', 'hex', '01'.padEnd(32, '0'))
    const key = ['key', '32', '0', '0', '0', '10', '0', '0', '1']
    const cases = [
      ['dump', 'pinned', routes],
      ['lookup', 'pinned', routes, ...key],
      ['dump', 'pinned', perCpu],
      ['lookup', 'pinned', perCpu, 'key', '0', '0', '0', '0'],
      ['getnext', 'pinned', perCpu],
      ['getnext', 'pinned', perCpu, 'key', '0', '0', '0', '0'],
      ['pop', 'pinned', jobs],
    ]
    using execsnoop = await pinObject('examples/execsnoop.o')
    for (const name of ['_bss', '_rodata']) cases.push(['dump', 'pinned', `${execsnoop.directory}/maps/${name}`])
    for (const words of cases) {
      const ours = await json('map', ...words, '--bpftool-json')
      if (words[0] === 'pop') await runCli('map', 'push', jobs, 'value', 'hex', '01'.padEnd(32, '0'))
      expect(ours, words.join(' ')).toEqual(bpftool(...words))
    }
    const none = await runCli('map', 'lookup', routes, 'key', '32', '0', '0', '0', '11', '0', '0', '1', '--bpftool-json')
    expect(none).toEqual({ code: 1, out: ['null'], notes: [] })
    using nested = await pinObject('checks/map-in-map.o')
    const outer = `${nested.directory}/maps/outer_array`
    const [first] = await json('map', 'dump', outer, '--bpftool-json')
    // Older ones do not say which map it is.
    expect(first).toMatchObject(bpftool('dump', 'pinned', outer)[0])
    expect(first.inner_map_id).toBe((await json('map', 'show', `${nested.directory}/maps/first`, '--json'))[0].id)
  })

  it('has a value for each CPU', async () => {
    using object = await pinObject('features/map-kinds.o')
    const perCpu = `${object.directory}/maps/per_cpu`
    await runCli('map', 'update', perCpu, 'key', '1', 'value', '{"via":2,"metric":3}')
    const { values } = await json('map', 'lookup', perCpu, 'key', '1', '--json')
    expect(new Set(values.map((value: unknown) => JSON.stringify(value)))).toEqual(new Set(['{"via":2,"metric":3}']))
  })

  it('makes a map that bpftool reads, and says what a kind of map cannot do', async () => {
    using object = await pinObject('examples/execsnoop.o')
    const path = `${object.directory}/made`
    const made = await runCli('map', 'create', path, '--type', 'hash', '--key', '4', '--value', '8', '--entries', '2', '--name', 'made')
    expect(made.notes).toEqual([])
    await runCli('map', 'update', path, 'key', '1', 'value', 'hex', '0102030405060708')
    const theirs = JSON.parse(execFileSync('bpftool', ['-j', 'map', 'dump', 'pinned', path], { encoding: 'utf8' }))
    expect(await json('map', 'dump', path, '--bpftool-json')).toEqual(theirs)
    expect((await runCli('map', 'update', path, '1', '2', 'noexist')).code).toBe(1)
    const { code, notes } = await runCli('map', 'dump', `${object.directory}/maps/events`)
    expect(code).toBe(1)
    expect(notes.join('\n')).toMatch(/cannot be dumped: it is a ringbuf[\s\S]*event_pipe/)
  })
})
