import type { AttachContext } from '../context'
import type { AttachableProgram, Link, LinkInterface, LinkLabel } from '../link/link'
import { type InterfaceTarget, inNetns, nameInterface, resolveInterface } from '../network'
import { attachFirst } from '../ways'
import { clsactLink } from './clsact'
import type { Direction } from './filters'
import { explainTc } from './tc'

export interface TcActionTarget extends InterfaceTarget {
  readonly direction: Direction
  /** Of the filter that lets everything to the action: 1 to 65535, lower runs first; before all present ones unless given. */
  readonly priority?: number
  readonly interfaces?: readonly LinkInterface[]
}

/**
 * Attaches a program of section `action` to what an interface receives or sends: as the action of a filter that matches
 * everything (4.8). What it returns is the verdict; -1 leaves that to the next filter. @throws AttachError
 */
export function attachTcAction(context: AttachContext, program: AttachableProgram, target: TcActionTarget): Link {
  const { direction, priority, interfaces } = target
  const label: LinkLabel = { kind: 'tc action', program: program.name, target: `tc action on ${direction} of ${nameInterface(target)}` }
  return inNetns(context.sys, target.netns, () => {
    const ifindex = resolveInterface(context.sys, target.interface, label)
    const attach = () => clsactLink(context, label, program, { ifindex, direction, priority, kind: 'matchall' })
    return attachFirst(label, [{ interface: 'netlink', attach }], { interfaces, explain: explainTc })
  })
}
