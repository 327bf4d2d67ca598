import { readSync } from 'node:fs'

/** Rounds in turn with the peer: each begins when a byte can be read and ends with an empty line. They are over when the input is. */
export async function takeRounds(take) {
  const go = new Uint8Array(1)
  for (let round = 0; readSync(0, go) === 1; round++) {
    await take(round)
    console.log()
  }
}

/** One result of a round, as the peers print theirs. */
export function report(name, value) {
  console.log(JSON.stringify({ name, value }))
}
