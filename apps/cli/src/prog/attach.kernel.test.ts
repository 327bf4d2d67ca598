import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { testCgroup, testNetwork } from '@bpf/attach/testing'
import { failOnLeaks } from '@bpf/fixtures/leaks'
import { openKernel } from '@bpf/kernel'
import {
  AttachType,
  createSys,
  type Fd,
  getMapInfo,
  getProgInfo,
  ids,
  MapType,
  mapCreate,
  type OwnedFd,
  ProgType,
  progQuery,
} from '@bpf/sys'
import { describe, expect, it, onTestFinished } from 'vitest'
import { fixture } from '../testing/pinned-object'
import { runCli } from '../testing/run-cli'
import { smallProgram } from '../testing/small-program'

describe.skipIf(process.getuid?.() !== 0)('bpf prog attach and detach (needs root)', () => {
  const sys = createSys()
  failOnLeaks(kind => ids(sys, kind))
  const context = { sys, kernel: openKernel(sys) }
  const idOf = (program: OwnedFd) => getProgInfo(sys, program.fd).id
  const attached = (targetFd: Fd, attachType: number) => progQuery(sys, { targetFd, attachType }).programs.map(({ progId }) => progId)

  it.each([
    ['sk_msg_verdict', ProgType.SkMsg, AttachType.SkMsgVerdict],
    ['sk_skb_stream_parser', ProgType.SkSkb, AttachType.SkSkbStreamParser],
    ['sk_skb_stream_verdict', ProgType.SkSkb, AttachType.SkSkbStreamVerdict],
    ['sk_skb_verdict', ProgType.SkSkb, AttachType.SkSkbVerdict],
  ])('to the sockets of a map: %s', async (word, type, attachType) => {
    using map = mapCreate(sys, { type: MapType.Sockmap, keySize: 4, valueSize: 4, maxEntries: 1, name: 'cli_sockets' })
    using program = smallProgram(sys, { type, expectedAttachType: attachType, name: 'cli_verdict', returns: 1 })
    const operands = ['id', String(idOf(program)), word, 'id', String(getMapInfo(sys, map.fd).id)]
    expect(await runCli('prog', 'attach', ...operands)).toEqual({ code: 0, out: [], notes: [] })
    expect(attached(map.fd, attachType)).toEqual([idOf(program)])
    expect(await runCli('prog', 'detach', ...operands)).toEqual({ code: 0, out: [], notes: [] })
    expect(attached(map.fd, attachType)).toEqual([])
  })

  it('takes away what bpftool attached, and bpftool what this attached', async () => {
    using map = mapCreate(sys, { type: MapType.Sockhash, keySize: 4, valueSize: 4, maxEntries: 1, name: 'cli_sockets' })
    using program = smallProgram(sys, {
      type: ProgType.SkMsg,
      expectedAttachType: AttachType.SkMsgVerdict,
      name: 'cli_verdict',
      returns: 1,
    })
    const operands = ['id', String(idOf(program)), 'sk_msg_verdict', 'id', String(getMapInfo(sys, map.fd).id)]
    // The names of attach types that bpftool takes changed; both take the one of old.
    const theirs = (what: string) => execFileSync('bpftool', ['prog', what, ...operands.with(2, 'msg_verdict')])
    theirs('attach')
    expect(await runCli('prog', 'detach', ...operands)).toMatchObject({ code: 0 })
    expect(attached(map.fd, AttachType.SkMsgVerdict)).toEqual([])
    await runCli('prog', 'attach', ...operands)
    theirs('detach')
    expect(attached(map.fd, AttachType.SkMsgVerdict)).toEqual([])
  })

  it('as the flow dissector of a network namespace', async () => {
    using network = testNetwork(sys)
    const { netns } = network.near
    using program = smallProgram(sys, { type: ProgType.FlowDissector, name: 'cli_dissect' })
    const operands = ['name', 'cli_dissect', 'flow_dissector', '--netns', netns]
    expect(await runCli('prog', 'attach', ...operands)).toEqual({ code: 0, out: [], notes: [] })
    const listed = JSON.parse((await runCli('net', 'list', '--netns', netns, '--json')).out.join('\n'))
    expect(listed).toMatchObject([{ hook: 'flow_dissector', programId: idOf(program), programName: 'cli_dissect' }])
    expect(await runCli('prog', 'detach', ...operands)).toEqual({ code: 0, out: [], notes: [] })
    expect(JSON.parse((await runCli('net', 'list', '--netns', netns, '--json')).out.join('\n'))).toEqual([])
  })

  it('to any hook, by a link that is pinned', async () => {
    using cgroup = testCgroup(context, 'cli-prog-attach')
    const directory = mkdtempSync('/sys/fs/bpf/cli-prog-attach-')
    onTestFinished(() => rmSync(directory, { recursive: true }))
    const places = {
      on_tracepoint: 'tracepoint=sched/sched_process_exec',
      on_raw_tracepoint: 'raw_tp=sys_enter',
      on_tp_btf: 'tp_btf',
      on_ingress: `cgroup_skb/ingress=${cgroup.path}`,
    }
    const only = Object.keys(places).flatMap(name => ['--only', name])
    expect((await runCli('load', fixture('attach/every-hook.o'), '--pin', directory, ...only)).code).toBe(0)
    for (const [name, place] of Object.entries(places)) {
      const path = `${directory}/${name}`
      const { code, notes } = await runCli('prog', 'attach', `${directory}/programs/${name}`, place, '--pin', path)
      expect({ code, notes }).toEqual({ code: 0, notes: [expect.stringContaining(`${name} is attached to `)] })
      const [link] = JSON.parse((await runCli('link', 'show', 'pinned', path, '--json')).out.join('\n'))
      expect(link).toMatchObject({ programName: name, pinned: [path] })
    }
    const attach = (...words: string[]) => runCli('prog', 'attach', `${directory}/programs/on_tracepoint`, ...words)
    expect((await attach('tp=sched/sched_process_exec')).notes.join()).toContain('say where to pin the link')
    const wrong = await attach('xdp=lo', '--pin', `${directory}/wrong`)
    expect(wrong).toMatchObject({ code: 1, notes: ['error: program on_tracepoint is of type tracepoint, and xdp takes xdp'] })
    expect((await attach('tp', '--pin', `${directory}/none`)).notes[0]).toBe('error: tp: where?')
    expect((await attach('tp=sched/no_such_event_at_all', '--pin', `${directory}/none`)).code).toBe(1)
  })

  it('says what is wrong, in the words of the command', async () => {
    using map = mapCreate(sys, { type: MapType.Array, keySize: 4, valueSize: 4, maxEntries: 1, name: 'cli_array' })
    using program = smallProgram(sys, {
      type: ProgType.SkMsg,
      expectedAttachType: AttachType.SkMsgVerdict,
      name: 'cli_verdict',
      returns: 1,
    })
    const attach = (...operands: string[]) => runCli('prog', 'attach', 'id', String(idOf(program)), ...operands)
    const noSockmap = await attach('sk_msg_verdict', 'id', String(getMapInfo(sys, map.fd).id))
    expect(noSockmap.code).not.toBe(0)
    expect(noSockmap.notes.join('\n')).toContain('cli_array')
    expect(await attach('sk_msg_verdikt')).toMatchObject({
      code: 2,
      notes: [expect.any(String), expect.stringContaining('did you mean sk_msg_verdict')],
    })
    expect(await attach('sk_msg_verdict')).toMatchObject({ code: 2, notes: ['error: which map?', expect.any(String)] })
  })
})
