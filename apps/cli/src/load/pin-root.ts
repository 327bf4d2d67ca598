import type { ObjectSpec } from '@bpf/object'
import type { Io } from '@bpf/terminal'
import { pinDirectory } from '../objects/pin-directory'
import type { ObjectOptions } from './options'

/** Where maps that are shared by name are found or pinned; a note where an object has some, and nobody said where. */
export function pinRootOf({ maps }: ObjectSpec, { pinRoot }: Pick<ObjectOptions, 'pinRoot'>, io: Io): string | undefined {
  if (pinRoot !== undefined) return pinDirectory(pinRoot, io)
  const shared = maps.filter(({ pinning }) => pinning === 'byName').map(({ name }) => name)
  if (shared.length > 0)
    io.note(`${io.style('cyan', 'hint:')} --pin-root /sys/fs/bpf shares ${shared.join(', ')} with others, as the object means it`)
  return undefined
}
