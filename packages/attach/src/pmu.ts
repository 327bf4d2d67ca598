import type { Kernel } from '@bpf/kernel'
import { MissingInterfaceError } from './ways'

/** What perf_event_open needs to know of a dynamic event source: its type, and where `config` holds what. */
export interface ProbePmu {
  /** `type` of the perf event attributes. */
  readonly type: number
  /** In `config`, of a probe on return. */
  readonly returnBit: bigint
  /** In `config`, where the reference counter's offset goes; undefined before 4.20. */
  readonly refCounterShift: bigint | undefined
}

const directory = '/sys/bus/event_source/devices'

/** The kernel's `kprobe` or `uprobe` event source (4.17). @throws MissingInterfaceError */
export function probePmu({ files }: Kernel, name: 'kprobe' | 'uprobe'): ProbePmu {
  const type = files.text(`${directory}/${name}/type`)
  if (type === undefined) throw new MissingInterfaceError(`the kernel has no ${name} event source`)
  return {
    type: Number(type),
    returnBit: 1n << (firstBit(files.text(`${directory}/${name}/format/retprobe`)) ?? 0n),
    refCounterShift: firstBit(files.text(`${directory}/${name}/format/ref_ctr_offset`)),
  }
}

/** Of `config:32-63`. */
function firstBit(format: string | undefined): bigint | undefined {
  const bit = /^config:(\d+)/.exec(format ?? '')?.[1]
  return bit === undefined ? undefined : BigInt(bit)
}
