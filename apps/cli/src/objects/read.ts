import { readFileSync } from 'node:fs'
import { type FdInfo, parseFdInfo, type Selector } from '@bpf/kernel'
import { type Fd, ids, type ObjectKind, tryOpenById } from '@bpf/sys'
import type { KernelContext } from '../context'
import { openSelected } from '../selector'

/** Reads the objects that a selector stands for, or all there are. @throws BpfError */
export function readObjects<T>(context: KernelContext, kind: ObjectKind, selector: Selector | undefined, read: (fd: Fd) => T): T[] {
  if (selector === undefined) return readAll(context, kind, read)
  const opened = openSelected(context, kind, selector)
  try {
    return opened.map(({ fd }) => read(fd))
  } finally {
    for (const fd of opened) fd.close()
  }
}

/** Those that go away meanwhile are left out. */
function readAll<T>({ sys }: KernelContext, kind: ObjectKind, read: (fd: Fd) => T): T[] {
  const results: T[] = []
  for (const id of ids(sys, kind)) {
    using object = tryOpenById(sys, kind, id)
    if (object !== undefined) results.push(read(object.fd))
  }
  return results
}

export function readFdInfo(fd: Fd): FdInfo {
  return parseFdInfo(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))
}
