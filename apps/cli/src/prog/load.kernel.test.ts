import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { failOnLeaks } from '@bpf/fixtures/leaks'
import { createSys, ids } from '@bpf/sys'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fixture } from '../testing/pinned-object'
import { recordingIo } from '../testing/recording-io'
import { runCli } from '../testing/run-cli'
import { expectToMatchSchema } from '../testing/schema'
import { type PinnedThing, printPinned } from './load'

const execsnoop = fixture('examples/execsnoop.o')
const everyHook = fixture('attach/every-hook.o')

it('bpf prog load says what stays, and where', async () => {
  const { io, text } = recordingIo()
  const pinned: readonly PinnedThing[] = [
    { kind: 'program', name: 'on_exec', id: 12, path: '/sys/fs/bpf/mine/on_exec' },
    { kind: 'link', name: 'on_exit', id: null, path: '/sys/fs/bpf/mine/on_exit' },
    { kind: 'map', name: '.rodata', id: 7, path: '/sys/fs/bpf/mine/maps/_rodata' },
  ]
  printPinned(pinned, io)
  await expect(text()).toMatchFileSnapshot('golden/load.txt')
})

describe.skipIf(process.getuid?.() !== 0 || !existsSync('/sys/fs/bpf'))('bpf prog load (needs root and a bpf file system)', () => {
  const sys = createSys()
  failOnLeaks(kind => ids(sys, kind))
  let directory = ''
  beforeEach(() => {
    directory = mkdtempSync('/sys/fs/bpf/cli-prog-load-')
  })
  afterEach(() => rmSync(directory, { recursive: true }))
  const at = (name: string) => join(directory, name)

  async function load(...args: string[]): Promise<readonly PinnedThing[]> {
    const { code, out, notes } = await runCli('prog', ...args, '--json')
    expect({ code, notes }).toEqual({ code: 0, notes: [] })
    const pinned = JSON.parse(out.join('\n'))
    expectToMatchSchema(pinned, 'prog-load')
    return pinned
  }

  it('pins the first program, as bpftool does', async () => {
    const pinned = await load('load', execsnoop, at('ours'))
    expect(pinned).toEqual([{ kind: 'program', name: 'on_exec', id: expect.any(Number), path: at('ours') }])
    execFileSync('bpftool', ['prog', 'load', execsnoop, at('theirs')], { stdio: 'ignore' })
    const tagOf = (path: string) => JSON.parse(execFileSync('bpftool', ['-j', 'prog', 'show', 'pinned', path], { encoding: 'utf8' })).tag
    expect(tagOf(at('ours'))).toBe(tagOf(at('theirs')))
  })

  it('pins all programs and maps, and reuses a map that is there', async () => {
    const pinned = await load('loadall', execsnoop, at('first'), '--pinmaps', at('maps'))
    expect(readdirSync(at('first')).sort()).toEqual(['on_exec', 'on_exit'])
    expect(readdirSync(at('maps'))).toContain('events')
    const events = pinned.find(({ name }) => name === 'events')
    for (const how of [
      [`--map`, `events=id:${events?.id}`],
      ['map', 'name', 'events', 'pinned', join(at('maps'), 'events')],
    ]) {
      await load('loadall', execsnoop, at(`again-${how.length}`), ...how)
      const [program] = JSON.parse((await runCli('prog', 'show', join(at(`again-${how.length}`), 'on_exec'), '--json')).out.join('\n'))
      expect(program.mapIds).toContain(events?.id)
    }
  })

  it('attaches what says where, and pins the link', async () => {
    const pinned = await load('loadall', execsnoop, at('attached'), '--autoattach')
    expect(pinned.map(({ kind, name }) => ({ kind, name }))).toEqual([
      { kind: 'link', name: 'on_exec' },
      { kind: 'link', name: 'on_exit' },
    ])
    expect((await runCli('link', 'show', 'pinned', join(at('attached'), 'on_exec'))).code).toBe(0)
  })

  it('relocates against types of a file, also in the words of bpftool', async () => {
    const types = fixture('core/fields-target.o')
    for (const [name, ...words] of [
      ['ours', '--btf', types],
      ['theirs', 'kernel_btf', types],
    ] as const) {
      await load('loadall', fixture('core/fields.o'), at(name), ...words)
      // It returns the number of the first field that is not where the types say.
      expect((await runCli('prog', 'run', join(at(name), 'offsets'))).out[0]).toMatch(/^returned 0 /)
    }
    expect((await runCli('prog', 'loadall', fixture('core/fields.o'), at('none'))).code).toBe(3)
  })

  it('shares the maps that the object shares by name, where bpftool does', async () => {
    const shared = '/sys/fs/bpf/visits_of_all'
    try {
      const first = await load('load', fixture('features/shared-by-name.o'), at('first'))
      const map = first.find(({ kind }) => kind === 'map')
      expect(map).toEqual({ kind: 'map', name: 'visits_of_all', id: expect.any(Number), path: shared })
      expect(await load('load', fixture('features/shared-by-name.o'), at('second'))).toMatchObject([{ kind: 'program' }])
      execFileSync('bpftool', ['prog', 'load', fixture('features/shared-by-name.o'), at('theirs')], { stdio: 'ignore' })
      for (const name of ['first', 'second', 'theirs']) {
        const [program] = JSON.parse((await runCli('prog', 'show', at(name), '--json')).out.join('\n'))
        expect(program.mapIds).toEqual([map?.id])
      }
    } finally {
      rmSync(shared, { force: true })
    }
  })

  it('takes the pin of such a map back when pinning programs fails', async () => {
    expect((await runCli('prog', 'load', fixture('features/shared-by-name.o'), '/tmp/no-bpf-file-system')).code).toBe(1)
    expect(existsSync('/sys/fs/bpf/visits_of_all')).toBe(false)
  })

  it('says what is not as the object means it', async () => {
    const { notes } = await runCli('prog', 'load', fixture('legacy/numbered-names.o'), at('numbered'))
    expect(notes).toContainEqual(expect.stringContaining('warning: program "xdp_first": section xdp1 is taken for xdp'))
  })

  it('loads programs as another type', async () => {
    const [program] = await load('load', fixture('attach/xdp-chain.o'), at('program'), '--type', 'tc')
    const [shown] = JSON.parse((await runCli('prog', 'show', 'id', `${program?.id}`, '--json')).out.join('\n'))
    expect(shown.type).toBe('sched_cls')
  })

  it('says what it does not understand, and leaves nothing behind', async () => {
    const refused = async (...args: string[]) => (await runCli('prog', 'loadall', execsnoop, at('refused'), ...args)).notes.join('\n')
    expect(await refused('--type', 'cgroup/conect4')).toContain('did you mean cgroup/connect4')
    expect(await refused('--map', 'event=id:1')).toContain('there is no map "event"')
    expect(await refused('typ', 'xdp')).toContain('not understood')
    await runCli('map', 'create', at('small'), '--type', 'array', '--key', '4', '--value', '4', '--entries', '1', '--name', 'small')
    expect(await refused('--map', `events=pinned:${at('small')}`)).toContain('type is array, not ringbuf')
    expect(await refused('--pinmaps', '/tmp/no-bpf-file-system')).toContain('not on a bpf file system')
    expect(existsSync(at('refused')) ? readdirSync(at('refused')) : []).toEqual([])
  })

  it('attaches to the sockets of a map, and detaches', async () => {
    await runCli('map', 'create', at('sockets'), '--type', 'sockmap', '--key', '4', '--value', '4', '--entries', '4', '--name', 'sockets')
    await runCli('load', everyHook, '--only', 'on_sk_msg', '--pin', at('msg'))
    const words = [join(at('msg'), 'programs', 'on_sk_msg'), 'sk_msg_verdict', 'pinned', at('sockets')]
    expect(await runCli('prog', 'attach', ...words)).toEqual({ code: 0, out: [], notes: [] })
    expect(await runCli('prog', 'detach', ...words)).toEqual({ code: 0, out: [], notes: [] })
    const again = await runCli('prog', 'detach', ...words)
    expect(again).toMatchObject({ code: 1, notes: [expect.stringContaining('it is not attached there'), expect.anything()] })
    const { code, notes } = await runCli('prog', 'attach', 'id', '1', 'sk_msg_verdikt', 'id', '1')
    expect({ code, hint: notes.join() }).toEqual({ code: 2, hint: expect.stringContaining('did you mean sk_msg_verdict') })
  })
})
