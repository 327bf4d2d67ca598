import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { configureFilesystem, createFilesystem, pidfdGetFd, pidfdOpen } from '@bpf/sys'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createContext } from './context'
import { type Bundle, bundle } from './testing/bundle'
import { isRoot, kernelTest } from './testing/kernel'

const object = fileURLToPath(new URL('../../fixtures/objects/examples/xdp-switch.o', import.meta.url))

const namespaces = ['--user', '--map-root-user', '--mount', '--net']
const possible = isRoot && spawnSync('unshare', [...namespaces, 'true']).status === 0 && createContext().kernel.has('token') !== false

describe.skipIf(!possible)('a process in a user namespace (needs root, Linux 6.9, user namespaces)', () => {
  const { context } = kernelTest()
  const { sys } = context

  let delegatedProgram: Bundle
  beforeAll(async () => {
    delegatedProgram = await bundle(new URL('./testing/programs/delegated.ts', import.meta.url))
  })
  afterAll(() => delegatedProgram[Symbol.dispose]())

  /** What the program says that loads the object in a user namespace to which a bpf file system delegates so much. */
  async function loadWith(delegated: Readonly<Record<string, string>>): Promise<unknown> {
    const child = spawn('unshare', [...namespaces, process.execPath, delegatedProgram.path, object], { stdio: ['pipe', 'pipe', 'inherit'] })
    const closed = once(child, 'close')
    const lines = child.stdout.setEncoding('utf8')[Symbol.asyncIterator]()
    {
      const { value } = await lines.next()
      using process = pidfdOpen(sys, child.pid ?? 0)
      using filesystem = pidfdGetFd(sys, process.fd, Number(value))
      for (const [option, types] of Object.entries(delegated)) configureFilesystem(sys, filesystem.fd, option, types)
      createFilesystem(sys, filesystem.fd)
    }
    child.stdin.write('created\n')
    const { value } = await lines.next()
    await closed
    return JSON.parse(value)
  }

  const byName = {
    delegate_cmds: 'btf_load:map_create:prog_load',
    delegate_maps: 'array',
    delegate_progs: 'xdp',
    delegate_attachs: 'xdp',
  }
  const everything = Object.fromEntries(Object.keys(byName).map(option => [option, 'any']))

  it.each([
    ['everything', everything],
    ['what it takes', byName],
  ])('loads, attaches and pins by a bpf file system that delegates %s', async (_, delegated) => {
    expect(await loadWith(delegated)).toEqual({ links: ['bpf link'] })
  })

  it.each([
    ['program "watch"', { delegate_progs: 'sched_cls' }, 'delegate_progs=xdp and delegate_attachs=xdp'],
    ['map ".bss"', { delegate_maps: 'hash' }, 'delegate_maps=array'],
  ])('may not load a %s that is not delegated, and is told what would be', async (subject, lacking, hint) => {
    expect(await loadWith({ ...byName, ...lacking })).toMatchObject({
      code: 'ERR_BPF_PERMISSION',
      message: expect.stringMatching(new RegExp(`^${subject} may not be `)),
      hint: expect.stringContaining(hint),
    })
  })

  it('may load nothing where nothing is delegated', async () => {
    expect(await loadWith({})).toMatchObject({ code: 'ERR_BPF_PERMISSION', hint: expect.stringMatching(/or a BPF token$/) })
  })
})
