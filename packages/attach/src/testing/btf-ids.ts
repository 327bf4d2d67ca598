import type { Kernel } from '@bpf/kernel'

/** Id in the kernel's BTF of what a program is loaded for. */
export function kernelTypeId(kernel: Kernel, name: string, kind: 'func' | 'typedef'): number {
  const [id] = kernel.vmlinuxBtf()?.idsByName(name, kind) ?? []
  if (id === undefined) throw new Error(`the kernel's BTF has no ${kind} ${name}`)
  return id
}
