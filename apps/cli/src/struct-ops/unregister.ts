import { rmSync } from 'node:fs'
import { detachLasting, openLink } from '@bpf/attach'
import { BpfError } from '@bpf/bytes'
import { findHolders, holdersOf, listPins } from '@bpf/kernel'
import { type Fd, getLinkInfo, tryOpenById } from '@bpf/sys'
import { ExitCode, type Io, toJson } from '@bpf/terminal'
import { type KernelContext, withKernel } from '../context'
import { noMore, takeSelector } from '../selector'
import { openStructOps, type StructOpsFacts, structOpsReader } from './facts'

interface Invocation {
  readonly positionals: readonly string[]
  readonly options: { readonly json: boolean }
  readonly io: Io
}

/** `bpf struct-ops unregister SELECTOR`: whoever registered it. */
export function runStructOpsUnregister({ positionals, options, io }: Invocation): Promise<number> {
  const { selector, rest } = takeSelector(positionals, 'map', io)
  noMore(rest)
  return withKernel(context => {
    const factsOf = structOpsReader(context)
    const all = openStructOps(context, selector).map(opened => {
      using structOps = opened
      const facts = factsOf(structOps)
      unregisterOne(context, facts, structOps.map.fd)
      return facts
    })
    if (options.json) io.out(toJson(all))
    else for (const { id, name, kernelStruct } of all) io.note(`unregistered ${kernelStruct} ${name}, map ${id}`)
    return ExitCode.Ok
  })
}

/** Whatever registered it. @throws DetachError if it is not registered, BpfError if a process keeps its link */
export function unregisterOne(context: KernelContext, { id, name, links }: StructOpsFacts, fd: Fd): void {
  if (links.length === 0) detachLasting(context, { kind: 'struct_ops', value: noValue }, { name, fd })
  for (const link of links) removeLink(context, link, `struct_ops ${id} ${name}`)
}

const noValue = new Uint8Array()

/** Links of struct_ops can be detached since 6.11; before that they end with their pins and the processes that hold them. */
function removeLink(context: KernelContext, id: number, what: string): void {
  openLink(context, { id }).detach()
  for (const pin of listPins(context.sys, context.kernel.bpffs())) {
    if (pin.kind === 'link' && pin.id === id) rmSync(pin.path)
  }
  const holders = holdersOf(findHolders(context.kernel.files), 'link', id)
  if (holders.length === 0 || !isLinked(context, id)) return
  const names = holders.map(({ pid, command }) => `${command} ${pid}`).join(', ')
  throw new BpfError('ERR_BPF_DETACH', `${what} stays registered: this kernel cannot detach link ${id}, which ${names} holds`, {
    hint: 'it ends with that process',
  })
}

/** A detached link names no map. */
function isLinked({ sys }: KernelContext, id: number): boolean {
  using link = tryOpenById(sys, 'link', id)
  const info = link && getLinkInfo(sys, link.fd)
  return info?.kind === 'structOps' && info.mapId !== 0
}
