import { type Btf, resolve, sizeOf, type TypeId } from '@bpf/btf'
import { nearNames } from '@bpf/bytes'
import { AttachType, Errno, type Fd, linkCreate, type SyscallError } from '@bpf/sys'
import type { AttachContext } from '../context'
import { AttachError } from '../errors'
import { type FunctionPattern, showPattern, splitPattern } from '../glob'
import { findKernelFunctions } from '../kprobe/kernel-functions'
import { kernelLink } from '../link/kernel-link'
import type { AttachableProgram, Link, LinkLabel } from '../link/link'
import { attachFirst, type Explanation } from '../ways'

export interface TracingMultiTarget {
  /** Functions of the kernel, not of modules: what the section says unless given. */
  readonly symbol?: FunctionPattern
  /** Readable in the program through bpf_get_attach_cookie(); one for all functions, or one for each. */
  readonly cookie?: bigint | ((name: string) => bigint)
}

const kinds: Readonly<Record<number, string>> = {
  [AttachType.TraceFentryMulti]: 'fentry.multi',
  [AttachType.TraceFexitMulti]: 'fexit.multi',
  [AttachType.TraceFsessionMulti]: 'fsession.multi',
}

export function isTracingMulti({ expectedAttachType }: AttachableProgram): boolean {
  return kinds[expectedAttachType] !== undefined
}

/** Attaches a `fentry.multi`, `fexit.multi` or `fsession.multi` program to many functions by one link (7.2). @throws AttachError */
export function attachTracingMulti(context: AttachContext, program: AttachableProgram, target: TracingMultiTarget = {}): Link {
  const { sys } = context
  const { symbol = program.attachTarget, cookie } = target
  const attachType = program.expectedAttachType
  const kind = kinds[attachType] ?? 'tracing.multi'
  const label: LinkLabel = { kind, program: program.name, target: symbol === undefined ? 'no function' : showPattern(symbol) }
  if (symbol === undefined) throw new AttachError({ ...label, problem: 'neither the target nor the section names a function' })
  const functions = findTyped(context, label, symbol)
  const ids = Uint32Array.from(functions, ({ id }) => id)
  const cookies = BigUint64Array.from(functions, ({ name }) => (typeof cookie === 'function' ? cookie(name) : (cookie ?? 0n)))
  const attach = () => {
    const tail = { kind: 'tracingMulti', ids, cookies: cookie === undefined ? undefined : cookies } as const
    return kernelLink(sys, linkCreate(sys, { progFd: program.fd as Fd, attachType }, tail), label, 'multi link')
  }
  return attachFirst(label, [{ interface: 'multi link', attach }], { explain })
}

interface TypedFunction {
  readonly name: string
  readonly id: TypeId
}

/** The functions that are meant, in the order of their ids, as the kernel wants. @throws AttachError with near names */
function findTyped({ kernel }: AttachContext, label: LinkLabel, symbol: FunctionPattern): readonly TypedFunction[] {
  const btf = kernel.vmlinuxBtf()
  if (btf === undefined) throw new AttachError({ ...label, problem: 'the kernel has no BTF, by which functions are named' })
  const { names, matches } = splitPattern(symbol)
  const named = names.map(name => ({ name, id: idOf(btf, label, name) }))
  const matching = matches === undefined ? [] : findKernelFunctions(kernel, label, { symbol, module: 'vmlinux', duplicates: 'all' })
  const found = new Map<TypeId, TypedFunction>(named.map(one => [one.id, one]))
  for (const { name } of matching) {
    const [id] = btf.idsByName(name, 'func')
    if (id !== undefined && matches?.(name) && isTraceable(btf, id)) found.set(id, { name, id })
  }
  if (found.size === 0) throw new AttachError({ ...label, problem: 'none of the functions that match can be traced with their arguments' })
  return [...found.values()].sort((a, b) => a.id - b.id)
}

function idOf(btf: Btf, label: LinkLabel, name: string): TypeId {
  const [id] = btf.idsByName(name, 'func')
  if (id !== undefined) return id
  const names: string[] = []
  for (let other = btf.startId; other < btf.endId; other++) if (btf.type(other).kind === 'func') names.push(btf.nameOf(other))
  const near = nearNames(name, names)
  const hint = near.length > 0 ? `did you mean ${near.join(' or ')}?` : undefined
  throw new AttachError({ ...label, problem: `the kernel's BTF has no function "${name}"`, hint })
}

const most = { parameters: 12, structBytes: 16 } as const

/** What trampolines can hand on: no variable arguments, no large structs, none as a result. */
function isTraceable(btf: Btf, id: TypeId): boolean {
  const declared = btf.type(id)
  const prototype = declared.kind === 'func' ? btf.type(declared.type) : declared
  if (prototype.kind !== 'funcProto' || prototype.params.length > most.parameters) return false
  if (isStruct(btf, prototype.returnType)) return false
  return prototype.params.every(({ type }) => type !== 0 && (!isStruct(btf, type) || sizeOf(btf, type) <= most.structBytes))
}

function isStruct(btf: Btf, type: TypeId): boolean {
  if (type === 0) return false
  const { kind } = resolve(btf, type)
  return kind === 'struct' || kind === 'union'
}

function explain({ errno }: SyscallError): Explanation | undefined {
  const known: Readonly<Record<number, Explanation>> = {
    [Errno.EINVAL]: { hint: 'this kernel may have no such links (7.2), or a function cannot be traced' },
    [Errno.EBUSY]: { problem: 'a function is patched by somebody else' },
    [Errno.ENOENT]: { problem: 'a function cannot be traced' },
  }
  return known[errno]
}
