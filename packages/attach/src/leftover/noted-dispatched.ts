import { existsSync } from 'node:fs'
import { BpfError } from '@bpf/bytes'
import type { AttachContext } from '../context'
import { detachXdpDispatched } from '../xdp-dispatcher/detach'
import type { LoadDispatcher } from '../xdp-dispatcher/dispatcher'
import { dispatcherOfPins, removePins } from '../xdp-dispatcher/pins'
import { queryXdpDispatcher } from '../xdp-dispatcher/query'
import { networkNamespaces } from './network-namespaces'
import type { LeftNote } from './note'
import { isNoted, orGone } from './noted-program'
import type { PlaceOf } from './place'

/** A program behind a dispatcher, and the pins of dispatchers that never came to be attached, or no longer are. */
export function findDispatched(
  context: AttachContext,
  { netns, ifindex }: PlaceOf<'dispatcher'>,
  note: LeftNote,
): (() => void) | undefined {
  const namespace = networkNamespaces(context.kernel.files).get(netns)
  const target = namespace === undefined ? undefined : { netns: namespace, interface: ifindex }
  const dispatcher = target && orGone(() => queryXdpDispatcher(context, target), undefined)
  const program = dispatcher?.programs.find(({ programId }) => isNoted(context, note, programId))
  const orphans = note.pins.filter(directory => existsSync(directory) && !isDispatcher(directory, dispatcher?.programId))
  if (program === undefined && orphans.length === 0) return undefined
  return () => {
    if (target !== undefined && program !== undefined)
      detachXdpDispatched(context, target, program.programId, context.loadDispatcher ?? noDispatcher)
    orphans.forEach(removePins)
  }
}

/** Whatever else a note may say is no directory of pins, and not for us to remove. */
function isDispatcher(directory: string, programId: number | undefined): boolean {
  const id = dispatcherOfPins(directory)
  return id === undefined || id === programId
}

/** Only needed if others run behind the same dispatcher. */
const noDispatcher: LoadDispatcher = () => {
  throw new BpfError('ERR_BPF_NO_DISPATCHER', 'others run behind the same XDP dispatcher, which must be made anew', {
    hint: 'findLeftovers of @bpf/loader can do that',
  })
}
