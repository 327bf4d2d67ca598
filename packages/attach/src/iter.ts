import { AttachType, Errno, type Fd, iterCreate, linkCreate, type OwnedFd, readFd, type Sys, type SyscallError } from '@bpf/sys'
import { openCgroup } from './cgroup/cgroup-path'
import type { AttachContext } from './context'
import { kernelLink } from './link/kernel-link'
import type { AttachableProgram, Link, LinkLabel } from './link/link'
import { attachFirst, type Explanation } from './ways'

export interface IterTarget {
  /** Elements of this map: `iter/bpf_map_elem`, `iter/bpf_sk_storage_map`. */
  readonly map?: { readonly fd: number }
  /** `iter/cgroup` (6.1): a directory, or its descriptor. */
  readonly cgroup?: string | Fd
  /** With `cgroup`: it alone, those below before or after it, or those above; `pre` unless given. 7.1 adds `children`. */
  readonly order?: keyof typeof orders
  /** `iter/task`, `iter/task_file`, `iter/task_vma` (6.1): one thread, */
  readonly tid?: number
  /** or the threads of one process. */
  readonly pid?: number
}

/** `enum bpf_cgroup_iter_order`. */
const orders = { self: 1, pre: 2, post: 3, up: 4, children: 5 } as const

/** An attached iterator. Each reading runs the program over all objects anew. */
export interface IterLink extends Link {
  /** What the program writes, piece by piece. @throws SyscallError */
  chunks(): Generator<Uint8Array<ArrayBuffer>>
  /** The same as one text. @throws SyscallError */
  text(): string
  /** The same, read as it is consumed. */
  stream(): ReadableStream<Uint8Array<ArrayBuffer>>
}

/** Attaches an iterator over what its section names (5.8). Pinned, it can be read like a file by anyone. @throws AttachError */
export function attachIter(context: AttachContext, program: AttachableProgram, target: IterTarget = {}): IterLink {
  const { sys } = context
  const label: LinkLabel = { kind: 'iter', program: program.name, target: `iterator ${program.attachTarget ?? ''}`.trim() }
  using cgroup = target.cgroup === undefined ? undefined : openCgroup(context, target.cgroup, label)
  const attach = (): IterLink => {
    const iterInfo = encodeIterInfo(target, cgroup?.fd)
    const tail = { kind: 'iter', ...(iterInfo === undefined ? {} : { iterInfo }) } as const
    const fd = linkCreate(sys, { progFd: program.fd as Fd, attachType: AttachType.TraceIter }, tail)
    return Object.assign(kernelLink(sys, fd, label), readingsOf(sys, fd))
  }
  return attachFirst(label, [{ interface: 'bpf link', attach }], { explain })
}

/** Ways to read what an iterator's program writes. The link stays its owner's. */
export function readingsOf(sys: Sys, link: OwnedFd): Pick<IterLink, 'chunks' | 'text' | 'stream'> {
  const chunks = () => readChunks(sys, link)
  return {
    chunks,
    text() {
      const decoder = new TextDecoder()
      let text = ''
      for (const chunk of chunks()) text += decoder.decode(chunk, { stream: true })
      return text + decoder.decode()
    },
    stream: () => streamOf(chunks()),
  }
}

/** `union bpf_iter_link_info`; undefined for none. */
export function encodeIterInfo(target: IterTarget, cgroupFd?: Fd): Uint8Array | undefined {
  if (target.map !== undefined) return new Uint8Array(Uint32Array.of(target.map.fd).buffer)
  if (cgroupFd !== undefined) return new Uint8Array(Uint32Array.of(orders[target.order ?? 'pre'], cgroupFd, 0, 0).buffer)
  if (target.tid === undefined && target.pid === undefined) return undefined
  return new Uint8Array(Uint32Array.of(target.tid ?? 0, target.pid ?? 0, 0).buffer)
}

const pieceSize = 1 << 16

function* readChunks(sys: Sys, link: OwnedFd): Generator<Uint8Array<ArrayBuffer>> {
  using reader = iterCreate(sys, link.fd)
  for (;;) {
    const piece = new Uint8Array(pieceSize)
    const length = readFd(sys, reader.fd, piece)
    if (length === 0) return
    yield piece.subarray(0, length)
  }
}

function streamOf(chunks: Generator<Uint8Array<ArrayBuffer>>): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    pull(controller) {
      const { done, value } = chunks.next()
      if (done) controller.close()
      else controller.enqueue(value)
    },
    cancel: () => void chunks.return(undefined),
  })
}

function explain({ errno }: SyscallError): Explanation | undefined {
  const known: Readonly<Record<number, Explanation>> = {
    [Errno.EBADF]: { problem: 'the map, or another descriptor of the target, is not open or not of the right kind' },
    [Errno.EINVAL]: { hint: 'the iterator may need a target (a map, for bpf_map_elem), or take none' },
    [Errno.ESRCH]: { problem: 'there is no such process' },
    [Errno.EACCES]: { problem: 'the program reads more than the keys or values of that map' },
  }
  return known[errno]
}
