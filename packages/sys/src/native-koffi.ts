import { isMainThread } from 'node:worker_threads'
import { BpfError } from '@bpf/bytes'
import koffi, { type KoffiFunc } from 'koffi'
import { type ArchName, archs } from './arch'
import type { Native, Watch, Word } from './native'

type Call = KoffiFunc<(nr: number, a: Word, b: Word, c: Word, d: Word, e: Word, f: Word) => number>
type AddressCall = KoffiFunc<(nr: number, a: Word, b: Word, c: Word, d: Word, e: Word, f: Word) => bigint>
type BpfCall = KoffiFunc<(nr: number, command: number, attr: number, size: number) => number>

const _SC_PAGESIZE = 30

/** The seam on the symbols of the running process, so that it works with glibc and musl alike. */
export function koffiNative(): Native {
  const arch = isArch(process.arch) && process.platform === 'linux' ? archs[process.arch] : undefined
  if (arch === undefined) throw new PlatformError(process.platform, process.arch)
  const libc = koffi.load(null)
  // Declared without variadics: an integer, an address and a pad all travel in one 64-bit register.
  const call = libc.func('syscall', 'int', ['int64_t', ...six]) as Call
  const addressCall = libc.func('syscall', 'void *', ['int64_t', ...six]) as AddressCall
  const bpfCall = libc.func('syscall', 'int', ['int', 'int', 'uintptr_t', 'int']) as BpfCall
  const sysconf = libc.func('sysconf', 'int', ['int']) as KoffiFunc<(name: number) => number>
  const bpfNumber = arch.syscalls.bpf

  return {
    arch,
    pageSize: sysconf(_SC_PAGESIZE),
    syscall: (nr, a = null, b = null, c = null, d = null, e = null, f = null) => call(nr, a, b, c, d, e, f),
    syscallAddress: (nr, a, b, c, d, e, f) => addressCall(nr, a, b, c, d, e, f),
    bpf: (command, attr, size) =>
      typeof attr === 'number' ? bpfCall(bpfNumber, command, attr, size) : call(bpfNumber, command, attr, size, null, null, null),
    bpfAsync: (command, attr, size, keep) =>
      new Promise((resolve, reject) => {
        call.async(bpfNumber, command, attr, size, null, null, null, (error: unknown, result: number) => {
          // koffi retains nothing during the call: what this callback uses is what stays alive until it runs.
          if (error !== null && error !== undefined) reject(error)
          else resolve({ result, errno: result === -1 ? koffi.errno() : 0, kept: [attr, ...keep] })
        })
      }),
    errno: () => koffi.errno(),
    address: memory => koffi.address(memory),
    view: (address, length) => koffi.view(address, length),
    watch: isMainThread && typeof koffi.node?.poll === 'function' ? watch : undefined,
  }
}

const six = ['void *', 'void *', 'void *', 'void *', 'void *', 'void *']

/** What must be closed before Node tears its environment down. */
const watches = new Set<Watch>()
const closeWatches = () => {
  for (const { close } of watches) close()
}

/**
 * koffi calls back outside of any callback scope: exceptions would vanish, and promises settled there would wait for
 * something else to happen. An immediate runs in the same turn of the loop, and properly.
 *
 * Node asks its handles once more when it tears an environment down, and koffi aborts the process when it may not call back
 * any more. So handles are closed on exit. A thread that is terminated runs nothing on exit: threads get no such handle.
 */
function watch(fd: number, onReady: () => void): Watch {
  let scheduled: NodeJS.Immediate | undefined
  const run = () => {
    scheduled = undefined
    onReady()
  }
  const handle = koffi.node.poll(fd, { readable: true }, () => {
    scheduled ??= setImmediate(run)
  })
  const opened: Watch = {
    ref: () => watches.has(opened) && handle.ref(),
    unref: () => watches.has(opened) && handle.unref(),
    close() {
      if (!watches.delete(opened)) return
      if (watches.size === 0) process.off('exit', closeWatches)
      clearImmediate(scheduled)
      handle.close()
    },
  }
  if (watches.size === 0) process.on('exit', closeWatches)
  watches.add(opened)
  return opened
}

function isArch(name: string): name is ArchName {
  return Object.hasOwn(archs, name)
}

/** This machine cannot run BPF through this package. */
export class PlatformError extends BpfError {
  override readonly name = 'PlatformError'

  constructor(platform: string, arch: string) {
    super('ERR_BPF_PLATFORM', `system calls for BPF need Linux on x64 or arm64; this is ${platform} on ${arch}`, {
      hint: 'reading objects, BTF and instructions works everywhere: @bpf/object, @bpf/btf, @bpf/insn',
    })
  }
}
