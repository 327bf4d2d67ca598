import { attachLasting, attachStructOps } from '@bpf/attach'
import { BpfError } from '@bpf/bytes'
import { type LoadedObject, open, type StructOpsValue } from '@bpf/loader'
import { type Fd, getMapInfo } from '@bpf/sys'
import { ExitCode, type Io, toJson, UsageError } from '@bpf/terminal'
import { type KernelContext, kernelWithBtf, withKernel } from '../context'
import { readNaming, readObjectFile } from '../object-file'
import { pinDirectory, pinIn } from '../objects/pin-directory'
import { printTable } from '../objects/print'
import { type OpenedStructOps, type StructOpsFacts, structOpsReader } from './facts'
import { structOpsListing } from './list'
import { unregisterOne } from './unregister'

interface Invocation {
  readonly positionals: readonly string[]
  readonly options: { readonly pin: string | undefined; readonly btf: string | undefined; readonly json: boolean }
  readonly io: Io
}

/** `bpf struct-ops register OBJ [DIR]`: everything that the object implements, or nothing. */
export function runStructOpsRegister({ positionals: [path, directory], options, io }: Invocation): Promise<number> {
  if (path === undefined) throw new UsageError('which object?', 'bpf struct-ops register OBJ [DIR]')
  const file = readObjectFile(path, io)
  return withKernel(
    context => {
      const object = readNaming(file, bytes => open(bytes, { name: file.name, context }))
      const links = pinDirectory(options.pin ?? directory, io)
      using loaded = object.load()
      if (loaded.structOps.length === 0) {
        throw new BpfError('ERR_BPF_NOT_FOUND', `${path} implements no kernel interface`, {
          hint: 'such variables are in section .struct_ops',
        })
      }
      const needsPin = loaded.structOps.find(({ link }) => link)
      if (needsPin !== undefined && links === undefined) {
        throw new UsageError(
          `"${needsPin.map}" is registered by a link, which ends with this command unless it is pinned`,
          `name a directory on a bpf file system: bpf struct-ops register ${path} /sys/fs/bpf/mine`,
        )
      }
      const registered = registerAll(context, loaded, links)
      if (options.json) io.out(toJson(registered))
      else printTable(structOpsListing.columns, registered, io)
      return ExitCode.Ok
    },
    kernelWithBtf(options.btf, io),
  )
}

/** What became of each. What was registered is taken back when one of them fails. */
function registerAll(context: KernelContext, loaded: LoadedObject, directory: string | undefined): StructOpsFacts[] {
  const done: OpenedStructOps[] = []
  try {
    for (const one of loaded.structOps) {
      const map = loaded.map(one.map, 'structOps')
      register(context, { name: one.map, fd: map.fd }, one, directory)
      done.push({ map, info: getMapInfo(context.sys, map.fd), [Symbol.dispose]: () => {} })
    }
    return done.map(structOpsReader(context))
  } catch (error) {
    const factsOf = structOpsReader(context)
    for (const one of done) unregisterOne(context, factsOf(one), one.map.fd)
    throw error
  }
}

function register(
  context: KernelContext,
  map: { readonly name: string; readonly fd: Fd },
  { link: byLink, value }: StructOpsValue,
  directory: string | undefined,
): void {
  if (!byLink) {
    attachLasting(context, map, { kind: 'struct_ops', value })
    return
  }
  using link = attachStructOps(context, { map, value })
  if (directory !== undefined) link.pin(pinIn(directory, map.name))
}
