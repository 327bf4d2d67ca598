import { queryNet } from '@bpf/attach'
import { BpfError, nearNames } from '@bpf/bytes'
import { ExitCode, type Io, toJson, UsageError } from '@bpf/terminal'
import { withKernel } from '../context'
import { printTable } from '../objects/print'
import type { ListOptions } from '../objects/print-all'
import { bpftoolNet } from './bpftool'
import { type NetHook, netHooks } from './hooks'

export interface NetListInvocation {
  readonly positionals: readonly string[]
  readonly options: ListOptions & { readonly netns: string | undefined }
  readonly io: Io
}

export async function runNetList({ positionals, options, io }: NetListInvocation): Promise<number> {
  const device = parseDevice(positionals)
  const netns = options.netns === undefined ? {} : { netns: io.resolvePath(options.netns) }
  const state = await withKernel(context => queryNet(context, netns))
  const names = state.interfaces.map(({ name }) => name)
  if (device !== undefined && !names.includes(device)) throw noSuchDevice(device, names)
  const hooks = netHooks(state, device)
  if (options['bpftool-json']) io.out(toJson(bpftoolNet(hooks)))
  else if (options.json) io.out(toJson(hooks))
  else if (hooks.length > 0) printTable(['DEVICE', 'HOOK', 'ID', 'NAME', 'LINK', 'DETAIL'], hooks.map(row), io)
  else io.note(device === undefined ? 'no program on the network' : `no program on ${device}`)
  return ExitCode.Ok
}

/** `dev eth0`, or just `eth0`. */
function parseDevice([first, second]: readonly string[]): string | undefined {
  if (first === 'dev' && second === undefined) throw new UsageError('dev: the name of the interface is missing')
  if (first !== 'dev' && second !== undefined) throw new UsageError(`${first}: not understood`, 'write: bpf net list dev NAME')
  return second ?? first
}

function noSuchDevice(name: string, known: readonly string[]): BpfError {
  const near = nearNames(name, known)
  return new BpfError('ERR_BPF_NOT_FOUND', `there is no network interface ${name}`, {
    hint: near.length > 0 ? `did you mean ${near.join(' or ')}?` : `there are ${known.join(', ')}`,
  })
}

function row({ interface: device, hook, programId, programName, linkId, mode, priority, filter }: NetHook): string[] {
  const detail = [mode, priority === null ? null : `priority ${priority}`, filter === null ? null : `filter ${filter}`]
  return [device ?? '', hook, text(programId), programName ?? '', text(linkId), detail.filter(part => part !== null).join('  ')]
}

function text(id: number | null): string {
  return id === null ? '' : String(id)
}
