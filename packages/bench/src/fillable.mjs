import { open } from '@bpf/loader'
import { progTestRun } from '@bpf/sys'

export const records = 500_000

/** A ring buffer, `records`, that is filled by `fill()`. `path`: of fill-ring.o */
export function fillable(path) {
  const object = open(path).set('wanted', records)
  const loaded = object.load()
  const { sys } = object.context
  return { loaded, sys, fill: () => progTestRun(sys, { progFd: loaded.program('fill').fd }) }
}
