import { setImmediate } from 'node:timers/promises'
import type { Readiness } from './readiness'
import type { StreamOptions } from './record-reader'

/** Records handed over before the event loop has its turn: some tens of microseconds of a cheap callback. */
const chunkSize = 8192

/**
 * Calls `consume` whenever something may be there, until abort or close. `capacity`: no buffer of this size ever holds more
 * records at one moment, so that the last look ends even if the producer does not.
 */
export async function listen(
  readiness: Readiness,
  consume: (limit: number) => number,
  capacity: number,
  { signal, keepAlive = true, interval }: StreamOptions,
): Promise<void> {
  while (!readiness.closed) {
    const last = signal?.aborted === true
    const count = consume(last ? capacity : chunkSize)
    if (last) return
    if (count > 0) await setImmediate()
    else await readiness.wait({ signal, keepAlive, interval })
  }
}
