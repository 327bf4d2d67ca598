import { type Files, openKernel } from '@bpf/kernel'
import { type ArchName, createSys, koffiNative, type Native, type TracedCall, type Word } from '@bpf/sys'
import type { AttachContext } from '../context'
import type { AttachableProgram } from '../link/link'

/** A kernel that exists in a test only: files as given, system calls as answered. */
export interface FakeContext extends AttachContext {
  /** What was asked of it, in order. */
  readonly calls: readonly TracedCall[]
  /** What was written to files. */
  readonly written: readonly string[]
}

export interface FakeOptions {
  /** Contents by path; directories are made of them. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>
  /** Error number of a call, 0 or undefined for success; bpf(2) goes by its command's number. */
  readonly fails?: (call: string | number) => number | undefined
  readonly arch?: ArchName
}

export function fakeContext({ files = {}, fails = () => 0, arch = 'x64' }: FakeOptions = {}): FakeContext {
  const calls: TracedCall[] = []
  const written: string[] = []
  let nextFd = 100
  let lastErrno = 0
  const real = koffiNative()
  const numbers = Object.entries(real.arch.syscalls)
  const answer = (call: string | number): number => {
    lastErrno = fails(call) ?? 0
    return lastErrno === 0 ? nextFd++ : -1
  }
  const native: Native = {
    ...real,
    arch: { ...real.arch, name: arch },
    watch: undefined,
    syscall(nr: number, ...args: Word[]) {
      const name = numbers.find(([, number]) => number === nr)?.[0] ?? String(nr)
      if (name === 'write' && ArrayBuffer.isView(args[1])) written.push(Buffer.from(args[1] as Uint8Array).toString())
      return name === 'close' ? 0 : answer(name)
    },
    bpf: command => answer(command),
    errno: () => lastErrno,
  }
  const sys = createSys({ native, trace: call => calls.push(call) })
  return { sys, kernel: openKernel(sys, { files: fakeFiles(files) }), calls, written }
}

function fakeFiles(contents: Readonly<Record<string, string | Uint8Array>>): Files {
  const bytes = (path: string) => {
    const found = contents[path] ?? eventId(path)
    return typeof found === 'string' ? new TextEncoder().encode(found) : found
  }
  return {
    text: path => {
      const found = bytes(path)
      return found && new TextDecoder().decode(found)
    },
    bytes,
    version: path => (contents[path] === undefined ? undefined : 'as given'),
    list: path => [
      ...new Set(
        Object.keys(contents).flatMap(file => (file.startsWith(`${path}/`) ? [file.slice(path.length + 1).split('/')[0] ?? ''] : [])),
      ),
    ],
    open: () => undefined,
  }
}

/** Events that were defined are there. */
function eventId(path: string): string | undefined {
  return /\/events\/bpfts\/[^/]+\/id$/.test(path) ? '77\n' : undefined
}

export function fakeProgram(fields: Partial<AttachableProgram> = {}): AttachableProgram {
  return { name: 'prog', fd: 10, section: '', type: 0, expectedAttachType: 0, attachTarget: undefined, ...fields }
}
