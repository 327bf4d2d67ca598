import { mkdirSync } from 'node:fs'
import { Errno, type Fd, isSyscallError, NetlinkProtocol, NetlinkSocket, type OwnedFd, objPin, openById, ProgType } from '@bpf/sys'
import type { AttachContext } from '../context'
import { AttachError } from '../errors'
import type { Link, LinkLabel } from '../link/link'
import { programId, programName } from '../query/hook'
import { attachFreplace } from '../tracing/freplace'
import { getXdp, setXdp, XdpFlag, type XdpMode, xdpModeFlags } from '../xdp/xdp-netlink'
import { type DispatcherSlot, dispatcherVersion, encodeDispatcherConfig, maxDispatched } from './config'
import { compareDispatched, type Ordered } from './order'
import { type DispatcherPins, dispatcherDirectory, dispatcherPins, removePins, whileLocked } from './pins'
import { type DispatchedProgram, openDispatched, readDispatcherConfig } from './read'

/** Loads the dispatcher program with this value of its configuration. The caller owns what is returned. */
export type LoadDispatcher = (config: Uint8Array, options: { readonly frags: boolean }) => OwnedFd

/** A program that is to run behind a dispatcher: loaded as freplace of one of its functions. */
export interface NewDispatched extends DispatcherSlot, Ordered {
  readonly fd: { readonly fd: Fd }
}

export interface DispatcherPlace {
  readonly ifindex: number
  readonly mode: XdpMode | undefined
  readonly label: LinkLabel
  readonly load: LoadDispatcher
  /** Hears of directories of pins before they are made, or before nobody needs them any more. */
  readonly record: (pins: readonly string[]) => void
}

/** What is to run behind the dispatcher, made of what does. */
type Change = (present: readonly DispatchedProgram[]) => readonly (DispatchedProgram | NewDispatched)[]

/** How often the program on the interface may change while ours is made. */
const attempts = 20

/**
 * Puts a new dispatcher in the place of the present one, without a gap: another set of programs behind it. Begins anew when
 * somebody else was faster. The last program to go takes the dispatcher along.
 *
 * @throws AttachError, SyscallError; the old one stays then
 */
export function changeDispatcher(context: AttachContext, place: DispatcherPlace, change: Change): void {
  using route = new NetlinkSocket(context.sys, NetlinkProtocol.Route)
  for (let attempt = 0; attempt < attempts; attempt++) {
    using present = openPresent(context, route, place)
    const next = [...change(present.programs)].sort(compareDispatched)
    if (next.length > maxDispatched) throw refuse(place, `${maxDispatched} programs run there already`)
    if (next.length === 0 ? remove(route, present, place) : replace(context, route, present, place, next)) {
      if (present.pins !== undefined) removePins(present.pins.directory)
      return
    }
  }
  throw refuse(place, `the program on the interface changed ${attempts} times while the dispatcher was made`)
}

/** The dispatcher that is on an interface now. */
interface Present extends Disposable {
  readonly dispatcher: OwnedFd | undefined
  readonly mode: XdpMode | undefined
  readonly pins: DispatcherPins | undefined
  readonly programs: readonly DispatchedProgram[]
}

/** @throws AttachError if there is a program that is no dispatcher of ours or libxdp's */
function openPresent(context: AttachContext, route: NetlinkSocket, place: DispatcherPlace): Present {
  const [first, second] = [...getXdp(route, place.ifindex)]
  if (second !== undefined) throw refuse(place, 'programs run there in several modes')
  if (first === undefined) return { dispatcher: undefined, mode: undefined, pins: undefined, programs: [], [Symbol.dispose]() {} }
  const [mode, id] = first
  if (place.mode !== undefined && place.mode !== mode) throw refuse(place, `programs run there in ${mode} mode`)
  const read = readDispatcherConfig(context, id)
  if (read === undefined) {
    const name = programName(context.sys, id) ?? ''
    throw refuse(
      place,
      `program "${name}" (id ${id}) is attached, which is no dispatcher`,
      'detach it first, or attach it through a dispatcher too',
    )
  }
  if (read.config === undefined) {
    const problem = `a dispatcher of version ${read.version} is attached, this is version ${dispatcherVersion}`
    throw refuse(place, problem, 'the programs behind it must be unloaded by what loaded them')
  }
  const programs = openDispatched(context, place.ifindex, id, read.config.slots)
  if (programs === undefined)
    throw refuse(place, `the pins of dispatcher ${id} are missing`, 'is another bpf file system mounted where it was made?')
  const dispatcher = openById(context.sys, 'prog', id)
  const pins = dispatcherPins(dispatcherDirectory(context), place.ifindex, id)
  const close = () => {
    dispatcher.close()
    for (const { fd } of programs) fd.close()
  }
  return { dispatcher, mode, pins, programs, [Symbol.dispose]: close }
}

/** Whether the program on the interface was still the one expected. */
function replace(
  context: AttachContext,
  route: NetlinkSocket,
  present: Present,
  place: DispatcherPlace,
  next: readonly (DispatchedProgram | NewDispatched)[],
): boolean {
  const frags = next.every(program => program.frags)
  using dispatcher = place.load(encodeDispatcherConfig({ slots: next, frags }), { frags })
  const links: Link[] = []
  let pins: DispatcherPins | undefined
  let attached = false
  try {
    for (const [slot, program] of next.entries()) links.push(attachToSlot(context, program, dispatcher, slot))
    pins = dispatcherPins(dispatcherDirectory(context), place.ifindex, programId(context.sys, dispatcher.fd))
    place.record([pins, present.pins].flatMap(each => each?.directory ?? []))
    pinAll(context, pins, next, links)
    attached = setOrLose(route, present, place, dispatcher.fd)
    return attached
  } finally {
    if (!attached && pins !== undefined) removePins(pins.directory)
    for (const link of links) link.close()
  }
}

/** @throws AttachError */
function attachToSlot(context: AttachContext, program: DispatchedProgram | NewDispatched, dispatcher: OwnedFd, slot: number): Link {
  const extension = {
    name: program.name,
    fd: program.fd.fd,
    section: '',
    type: ProgType.Ext,
    expectedAttachType: 0,
    attachTarget: `prog${slot}`,
  }
  return attachFreplace(context, extension, { program: { name: 'xdp_dispatcher', fd: dispatcher.fd }, interfaces: ['bpf link'] })
}

/** Pins programs and links before anybody can see the dispatcher. @throws SyscallError */
function pinAll(
  context: AttachContext,
  pins: DispatcherPins,
  programs: readonly (DispatchedProgram | NewDispatched)[],
  links: readonly Link[],
): void {
  whileLocked(context, dispatcherDirectory(context), () => {
    mkdirSync(pins.directory, { mode: 0o700 })
    for (const [slot, { fd }] of programs.entries()) objPin(context.sys, fd.fd, { path: pins.program(slot) })
    for (const [slot, link] of links.entries()) link.pin(pins.link(slot))
  })
}

function remove(route: NetlinkSocket, present: Present, place: DispatcherPlace): boolean {
  if (present.dispatcher === undefined) return true
  place.record(present.pins === undefined ? [] : [present.pins.directory])
  return setOrLose(route, present, place, undefined)
}

/** Sets the program of the interface if it has not changed meanwhile. */
function setOrLose(route: NetlinkSocket, { dispatcher, mode }: Present, place: DispatcherPlace, progFd: number | undefined): boolean {
  const wanted = place.mode ?? mode
  const condition = dispatcher === undefined ? XdpFlag.UpdateIfNoexist : XdpFlag.Replace
  const flags = condition | (wanted === undefined ? 0 : xdpModeFlags[wanted])
  try {
    setXdp(route, { ifindex: place.ifindex, progFd, flags, expectedFd: dispatcher?.fd })
    return true
  } catch (error) {
    if (isSyscallError(error, Errno.EEXIST, Errno.EBUSY)) return false
    throw error
  }
}

function refuse({ label: { program, target } }: DispatcherPlace, problem: string, hint?: string): AttachError {
  return new AttachError({ program, target, problem, hint })
}
