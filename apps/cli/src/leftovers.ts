import type { Leftover } from '@bpf/attach'
import { BpfError } from '@bpf/bytes'
import { type Context, findLeftovers } from '@bpf/loader'
import type { Io } from '@bpf/terminal'

/** Takes away what processes of ours left attached when they were killed, and says so; returns what it took. */
export function takeAway(leftovers: readonly Leftover[], io: Io): readonly string[] {
  return leftovers.flatMap(({ description, remove }) => {
    try {
      remove()
      io.note(`took away what a killed process left: ${description}`)
      return [description]
    } catch (error) {
      if (!(error instanceof BpfError)) throw error
      io.note(`${io.style('yellow', '!')} ${description} is left over: ${error.message}`)
      return []
    }
  })
}

/** The same for whatever there is; looking for it takes rights that loading a program does not. */
export function takeAwayLeftovers(context: Context, io: Io): void {
  try {
    takeAway(findLeftovers(context), io)
  } catch (error) {
    if (!(error instanceof BpfError)) throw error
  }
}
