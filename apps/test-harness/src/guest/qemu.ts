import { accessSync, constants, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'

export type Accelerator = 'kvm' | 'emulated'

export interface MachineOptions {
  readonly image: string
  readonly initrd: string
  readonly accelerator: Accelerator
  /** File that gets what the guest says on its console. */
  readonly console: string
  readonly memoryMegabytes: number
  readonly extraKernelArguments?: readonly string[]
}

export const qemu = 'qemu-system-x86_64'

/** Whether KVM is there and the processor has what it takes: in some virtual machines /dev/kvm opens and then hangs. */
export function bestAccelerator(): Accelerator {
  try {
    accessSync('/dev/kvm', constants.R_OK | constants.W_OK)
    return /^flags\s*:.*\b(?:vmx|svm)\b/m.test(readFileSync('/proc/cpuinfo', 'utf8')) ? 'kvm' : 'emulated'
  } catch {
    return 'emulated'
  }
}

/** Security modules in the usual order, and `bpf`, which Debian's configuration before 6.1 leaves out. */
const lsm = 'lsm=lockdown,yama,integrity,bpf'

/** Emulated, what newer processors have beyond this one makes guests slower: vector units, protections, a clock that Linux does not trust. */
const processor = { kvm: 'max', emulated: 'Nehalem,+rdrand' } as const

/** The results channel, the second serial port, is the standard output of QEMU. */
export function qemuArguments({
  image,
  initrd,
  accelerator,
  console,
  memoryMegabytes,
  extraKernelArguments = [],
}: MachineOptions): readonly string[] {
  const kernel = ['console=ttyS0', 'panic=-1', 'oops=panic', 'loglevel=4', 'mitigations=off', lsm, ...extraKernelArguments]
  return [
    ...['-nodefaults', '-no-user-config', '-no-reboot', '-display', 'none'],
    ...['-accel', accelerator === 'kvm' ? 'kvm' : 'tcg,thread=multi', '-cpu', processor[accelerator]],
    ...['-smp', String(Math.min(2, availableParallelism())), '-m', String(memoryMegabytes)],
    ...['-kernel', image, '-initrd', initrd, '-append', kernel.join(' ')],
    ...['-serial', `file:${console}`],
    ...['-chardev', 'stdio,id=results,signal=off', '-serial', 'chardev:results'],
  ]
}
