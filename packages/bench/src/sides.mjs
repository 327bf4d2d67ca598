import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/**
 * Runs the sides of one program at the same time, each waiting while another works: a machine that is slower for a second is slower
 * for all of them.
 *
 * @param sides  by name, what to start: `{ command, args, env }`
 * @returns for each round, by name of the side, what it reported: `{ [name]: value }`
 */
export async function takeTurns(sides, rounds) {
  const started = Object.entries(sides).map(([name, side]) => ({ name, ...start(side) }))
  const results = []
  for (let round = 0; round < rounds; round++) {
    const ofRound = {}
    for (const { name, takeRound } of started) ofRound[name] = await takeRound()
    results.push(ofRound)
  }
  for (const { end } of started) await end()
  return results
}

function start({ command, args, env }) {
  const child = spawn(command, args, { env, stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const closed = once(child, 'close')
  return {
    async takeRound() {
      child.stdin.write('.')
      const results = {}
      for (;;) {
        const { value: line, done } = await lines.next()
        if (done) throw new Error(`${command} ${args.join(' ')} ended within a round`)
        if (line === '') return results
        const { name, value } = JSON.parse(line)
        results[name] = value
      }
    },
    async end() {
      child.stdin.end()
      const [code] = await closed
      if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}`)
    },
  }
}
