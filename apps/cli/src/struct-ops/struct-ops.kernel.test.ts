import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { failOnLeaks } from '@bpf/fixtures/leaks'
import { createSys, ids } from '@bpf/sys'
import { afterEach, describe, expect, it } from 'vitest'
import { fixture } from '../testing/pinned-object'
import { runCli } from '../testing/run-cli'
import { expectToMatchSchema } from '../testing/schema'

const root = process.getuid?.() === 0
const congestionControls = () => readFileSync('/proc/sys/net/ipv4/tcp_available_congestion_control', 'utf8').trim().split(' ')
const object = fixture('attach/struct-ops.o')

async function json(...args: string[]) {
  const { code, out, notes } = await runCli('struct-ops', ...args)
  expect({ code, notes }).toEqual({ code: 0, notes: [] })
  return JSON.parse(out.join('\n'))
}

const bpftool = (...args: string[]) => JSON.parse(execFileSync('bpftool', ['-j', 'struct_ops', ...args], { encoding: 'utf8' }))

describe.skipIf(!root || !existsSync('/sys/fs/bpf'))('bpf struct-ops (needs root and a bpf file system)', () => {
  const sys = createSys()
  failOnLeaks(kind => ids(sys, kind))
  const directories: string[] = []
  const registered: number[] = []
  afterEach(async () => {
    for (const id of registered.splice(0)) await runCli('struct-ops', 'unregister', 'id', `${id}`)
    for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true })
  })

  async function register(): Promise<{ readonly plain: { readonly id: number }; readonly linked: { readonly id: number } }> {
    const directory = mkdtempSync('/sys/fs/bpf/cli-struct-ops-')
    directories.push(directory)
    const all: { readonly id: number; readonly name: string }[] = await json('register', object, directory, '--json')
    registered.push(...all.map(({ id }) => id))
    expectToMatchSchema(all, 'struct-ops-list')
    const named = (name: string) => all.find(one => one.name === name) ?? { id: 0 }
    return { plain: named('plain'), linked: named('linked') }
  }

  it('registers by the map and by a pinned link, lists both, and takes both back', async () => {
    const { plain, linked } = await register()
    expect(congestionControls()).toEqual(expect.arrayContaining(['bpf_plain', 'bpf_linked']))
    expect(readdirSync(directories[0] ?? '')).toEqual(['linked'])

    const list = await json('list', '--json')
    expectToMatchSchema(list, 'struct-ops-list')
    const kernelStruct = 'tcp_congestion_ops'
    expect(list).toContainEqual(expect.objectContaining({ ...plain, name: 'plain', kernelStruct, state: 'inUse', links: [] }))
    expect(list).toContainEqual(expect.objectContaining({ ...linked, name: 'linked', kernelStruct, links: [expect.any(Number)] }))
    expect((await runCli('struct-ops', 'show', 'name', 'plain')).out).toContainEqual(expect.stringMatching(/registered +by its map/))

    for (const { id } of [plain, linked]) {
      const { code, notes } = await runCli('struct-ops', 'unregister', 'id', `${id}`)
      expect({ code, notes }).toEqual({ code: 0, notes: [expect.stringContaining('unregistered tcp_congestion_ops')] })
    }
    expect(congestionControls().filter(name => name.startsWith('bpf_'))).toEqual([])
    expect(readdirSync(directories[0] ?? '')).toEqual([])
    registered.length = 0
  })

  it('shows the members with their programs and types', async () => {
    const { plain } = await register()
    const [dump] = await json('dump', 'id', `${plain.id}`, '--json')
    expectToMatchSchema([dump], 'struct-ops-dump')
    expect(dump).toMatchObject({ name: 'plain', kernelStruct: 'tcp_congestion_ops', state: 'inUse' })
    const member = (name: string) => dump.members.find((one: { readonly name: string }) => one.name === name)
    expect(member('name')).toMatchObject({ value: 'bpf_plain', program: null })
    expect(member('ssthresh')).toMatchObject({ value: null, program: { id: expect.any(Number), name: 'ssthresh' } })
    expect(member('ssthresh').type).toContain('struct sock *')
    expect(member('cong_control')).toMatchObject({ value: null, program: null })
    const { out } = await runCli('struct-ops', 'dump', 'id', `${plain.id}`)
    expect(out[0]).toBe(`struct_ops ${plain.id} plain  tcp_congestion_ops, inUse`)
    expect(out).toContainEqual(expect.stringMatching(/^ssthresh +program \d+ ssthresh +u32 \(\*\)\(struct sock \*\)$/))
  })

  it('says the same as bpftool, in its words', async () => {
    const { plain } = await register()
    expect(await json('show', 'id', `${plain.id}`, '--bpftool-json')).toEqual([bpftool('show', 'id', `${plain.id}`)].flat()[0])
    // Of one alone it prints two documents without anything between: of all, in an array.
    const all = bpftool('dump')
    const at = all.findIndex((each: { readonly bpf_map_info?: { readonly id: number } }) => each.bpf_map_info?.id === plain.id)
    const [theirInfo, theirValue] = all.slice(at)
    const [ourInfo, ourValue] = await json('dump', 'id', `${plain.id}`, '--bpftool-json')
    // Newer kernels have fields here for what is asked of them.
    const { hash: _, hash_size: __, ...known } = theirInfo.bpf_map_info
    expect(ourInfo.bpf_map_info).toEqual(known)
    expect(ourValue).toEqual(theirValue)
  })

  it('refuses links that would end with the command, objects that implement nothing, other maps', async () => {
    const unpinned = await runCli('struct-ops', 'register', object)
    expect(unpinned.code).toBe(2)
    expect(unpinned.notes.join('\n')).toContain('"linked" is registered by a link')
    expect(congestionControls()).not.toContain('bpf_plain')
    const nothing = await runCli('struct-ops', 'register', fixture('examples/execsnoop.o'))
    expect(nothing).toMatchObject({ code: 1, notes: [expect.stringContaining('implements no kernel interface'), expect.anything()] })
    expect((await runCli('struct-ops', 'register', object, '/tmp/no-bpf-file-system')).notes[0]).toContain('not on a bpf file system')
    expect(congestionControls()).not.toContain('bpf_plain')
  })

  it('refuses to register twice, and takes nothing of the first away', async () => {
    const { plain } = await register()
    const second = mkdtempSync('/sys/fs/bpf/cli-struct-ops-')
    directories.push(second)
    const again = await runCli('struct-ops', 'register', object, second)
    expect(again.code).toBe(1)
    expect(again.notes[0]).toContain('an implementation of that name is registered already')
    expect(await json('show', 'id', `${plain.id}`, '--json')).toMatchObject([{ state: 'inUse' }])
    const { notes } = await runCli('struct-ops', 'unregister', 'name', 'plane')
    expect(notes.join('\n')).toContain('did you mean plain')
  })
})
