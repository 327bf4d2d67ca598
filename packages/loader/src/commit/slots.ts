import { errnoName, type Fd, littleEndian, mapOps, type Sys } from '@bpf/sys'
import { LoadError } from '../errors'
import type { CreatedMap } from './created-map'

/** What the kernel usually objects to. */
const hints = {
  map: 'an inner map must be what the outer one declares: type, sizes of keys and values, flags',
  program: 'the programs of one array must be of one type, and of one kind: XDP with or without fragments, sleepable or not',
} as const

/** Fills the slots of map-in-maps and program arrays with descriptors. @throws LoadError */
export function fillSlots(sys: Sys, map: CreatedMap, kind: 'map' | 'program', descriptorOf: (name: string) => Fd | undefined): void {
  const slots = map.plan.slots.filter(slot => slot.kind === kind)
  if (slots.length === 0) return
  const ops = mapOps(sys, map.fd.fd, { keySize: 4, valueSize: 4 })
  const key = new DataView(ops.key.buffer, ops.key.byteOffset, 4)
  const value = new DataView(ops.value.buffer, ops.value.byteOffset, 4)
  for (const slot of slots) {
    const fd = descriptorOf(slot.name)
    // A program that was dropped or failed as optional leaves its slot empty: tail calls to it fall through.
    if (fd === undefined) continue
    key.setUint32(0, slot.index, littleEndian)
    value.setUint32(0, fd, littleEndian)
    const errno = ops.update()
    if (errno !== 0) {
      const problem = `could not take ${kind} "${slot.name}" at ${slot.index}: ${errnoName(errno)}`
      const cause = ops.error('update', errno)
      throw new LoadError({ stage: 'slots', subject: map.plan.name, problem, cause, hint: cause.hint ?? hints[kind] })
    }
  }
}
