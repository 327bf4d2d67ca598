// Our side of peers/load.c: time outside of the kernel to open, plan and load. Argument: thirty.o
import { readFileSync } from 'node:fs'
import { createContext, open } from '@bpf/loader'
import { report } from './report.mjs'

const bytes = readFileSync(process.argv[2])

function load(name, context) {
  const before = process.cpuUsage()
  const loaded = open(bytes, { name: 'thirty', context }).load()
  report(name, process.cpuUsage(before).user / 1000)
  loaded.close()
}

for (let round = 0; round < 11; round++) load(round === 0 ? 'first load' : 'load', createContext())
const context = createContext()
for (let round = 0; round < 11; round++) load(round === 0 ? 'warm-up' : 'load again', context)
