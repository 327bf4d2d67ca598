import { BpfError } from '@bpf/bytes'

/** A CPU list of sysfs, `0-3,8`: the CPUs in order. @throws CpuListError */
export function parseCpuList(text: string): readonly number[] {
  const cpus: number[] = []
  for (const range of text.trim().split(',')) {
    if (range === '') continue
    const [, first, last] = /^(\d+)(?:-(\d+))?$/.exec(range) ?? []
    const [from, to] = [Number(first), Number(last ?? first)]
    // Kernels are built for 8192 CPUs at most; a longer list is no list.
    if (first === undefined || to < from || to > 0xffff) throw new CpuListError(text)
    for (let cpu = from; cpu <= to; cpu++) cpus.push(cpu)
  }
  return cpus
}

/** A text that is no CPU list. */
export class CpuListError extends BpfError {
  override readonly name = 'CpuListError'

  constructor(text: string) {
    super('ERR_BPF_CPU_LIST', `not a list of CPUs: ${JSON.stringify(text.slice(0, 80))}`)
  }
}
