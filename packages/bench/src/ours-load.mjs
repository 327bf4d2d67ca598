// Our side of peers/load.c: time outside of the kernel to open, plan and load. Argument: thirty.o
import { readFileSync } from 'node:fs'
import { createContext, open } from '@bpf/loader'
import { report, takeRounds } from './rounds.mjs'

const bytes = readFileSync(process.argv[2])
/** Afterwards, a context that has indexed the kernel's BTF is used again. */
const roundsOfNewContexts = 11
let context

await takeRounds(round => {
  if (round <= roundsOfNewContexts) context = createContext()
  const before = process.cpuUsage()
  const loaded = open(bytes, { name: 'thirty', context }).load()
  const took = process.cpuUsage(before).user / 1000
  loaded.close()
  if (round !== roundsOfNewContexts) report(nameOf(round), took)
})

function nameOf(round) {
  if (round === 0) return 'first load'
  return round < roundsOfNewContexts ? 'load' : 'load again'
}
