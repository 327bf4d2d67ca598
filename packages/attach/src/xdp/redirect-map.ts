import { duplicateFd, Errno, getMapInfo, mapOps, type OwnedFd, type Sys, type SyscallError } from '@bpf/sys'
import type { AttachContext } from '../context'
import { AttachError } from '../errors'
import { heldLink } from '../link/held-link'
import type { AttachableProgram, Link, LinkLabel, Replacement } from '../link/link'
import { type InterfaceTarget, inNetns, nameInterface, resolveInterface } from '../network'
import { programId } from '../query/hook'
import { attachFirst, type Explanation } from '../ways'

interface RedirectTarget {
  /** The map; its descriptor stays the caller's. Its values must have room for a program: 8 bytes. */
  readonly map: { readonly fd: number; readonly name?: string }
}

/** An entry of a devmap or devmap hash. */
export interface DevmapTarget extends RedirectTarget, InterfaceTarget {
  readonly key: number
}

/** An entry of a cpumap: its key is the CPU. */
export interface CpumapTarget extends RedirectTarget {
  readonly cpu: number
  /** How many packets may wait for that CPU; 2048 unless given. */
  readonly queueSize?: number
}

/**
 * Fills an entry of a devmap with an interface, and a program that runs for each packet that is redirected there, before it
 * is sent (5.8; for generic XDP 5.15). Closing the link empties the entry. @throws AttachError
 */
export function attachDevmap({ sys }: AttachContext, program: AttachableProgram, target: DevmapTarget): Link {
  const { key } = target
  const label = labelOf('devmap', program, `key ${key}, ${nameInterface(target)}`, target)
  return inNetns(sys, target.netns, () => {
    const ifindex = resolveInterface(sys, target.interface, label)
    return attachFirst(
      label,
      [{ interface: 'map update', attach: () => entryLink(sys, label, program, { ...target, key, first: ifindex }) }],
      {
        explain,
      },
    )
  })
}

/**
 * Fills an entry of a cpumap with a queue, and a program that runs on that CPU for each packet that is redirected there
 * (5.9; for generic XDP 5.15). Closing the link empties the entry. @throws AttachError
 */
export function attachCpumap({ sys }: AttachContext, program: AttachableProgram, target: CpumapTarget): Link {
  const { cpu, queueSize = usualQueueSize } = target
  const label = labelOf('cpumap', program, `CPU ${cpu}`, target)
  const attach = () => entryLink(sys, label, program, { ...target, key: cpu, first: queueSize })
  return attachFirst(label, [{ interface: 'map update', attach }], { explain })
}

const usualQueueSize = 2048

function labelOf(kind: string, { name: program }: AttachableProgram, entry: string, { map }: RedirectTarget): LinkLabel {
  return { kind, program, target: `${kind} ${map.name === undefined ? `descriptor ${map.fd}` : `"${map.name}"`}, ${entry}` }
}

interface Entry extends RedirectTarget {
  readonly key: number
  /** Interface index, or queue size. */
  readonly first: number
}

/** `struct bpf_devmap_val` and `struct bpf_cpumap_val`: a number, then the program: written by descriptor, read by id. */
const layout = { size: 8, first: 0, program: 4 } as const

function entryLink(sys: Sys, label: LinkLabel, program: AttachableProgram, { map, key, first }: Entry): Link {
  const hold = duplicateFd(sys, map.fd, label.target)
  try {
    const entry = openEntry(sys, label, hold, key)
    const set = (next: Replacement) => entry.write(first, next.fd)
    set(program)
    let current = programId(sys, program.fd)
    return heldLink({
      ...label,
      interface: 'map update',
      update: next => {
        set(next)
        current = programId(sys, next.fd)
      },
      detach: () => {
        entry.clear(current)
        hold.close()
      },
    })
  } catch (error) {
    hold.close()
    throw error
  }
}

function openEntry(sys: Sys, { program, target }: LinkLabel, map: OwnedFd, key: number) {
  const { keySize, valueSize } = getMapInfo(sys, map.fd)
  if (keySize !== 4)
    throw new AttachError({ program, target, problem: 'the map is no devmap or cpumap: its keys are not 4 bytes', hint: wants })
  const ops = mapOps(sys, map.fd, { keySize, valueSize })
  const value = new DataView(ops.value.buffer, ops.value.byteOffset, ops.value.byteLength)
  new DataView(ops.key.buffer, ops.key.byteOffset).setUint32(0, key, true)
  return {
    /** @throws SyscallError; EINVAL for values without room for a program */
    write(first: number, progFd: number): void {
      if (valueSize < layout.size) throw ops.error('update', Errno.EINVAL)
      value.setUint32(layout.first, first, true)
      value.setInt32(layout.program, progFd, true)
      const errno = ops.update()
      if (errno !== 0) throw ops.error('update', errno)
    },
    /** Unless somebody put another program there. @throws SyscallError */
    clear(progId: number): void {
      if (ops.lookup() !== 0 || value.getUint32(layout.program, true) !== progId) return
      const errno = ops.delete()
      if (errno !== 0 && errno !== Errno.ENOENT) throw ops.error('delete', errno)
    },
  }
}

const wants = 'the values of the map must be 8 bytes, and the program loaded for it: SEC("xdp/devmap") or SEC("xdp/cpumap")'

function explain({ errno }: SyscallError): Explanation | undefined {
  const known: Readonly<Record<number, Explanation>> = {
    [Errno.EINVAL]: { hint: wants },
    // A cpumap's answer to whatever is wrong with an entry.
    [Errno.ENOMEM]: { problem: 'the map refuses the entry', hint: wants },
    [Errno.E2BIG]: { problem: 'the map has no such entry' },
    [Errno.EOVERFLOW]: { problem: 'the queue would be too long', hint: 'at most 16384 packets' },
    [Errno.ENODEV]: { problem: 'there is no such CPU' },
  }
  return known[errno]
}
