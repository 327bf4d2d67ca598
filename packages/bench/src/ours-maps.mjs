// Our side of peers/maps.c.
import { createContext } from '@bpf/loader'
import { MapType, mapCreate, mapOps } from '@bpf/sys'
import { report, takeRounds } from './rounds.mjs'

const operations = 20_000
const { sys } = createContext()
const map = mapCreate(sys, { name: 'small', type: MapType.Hash, keySize: 4, valueSize: 8, maxEntries: 1024, flags: 0 })
const ops = mapOps(sys, map.fd, { keySize: 4, valueSize: 8 })

// Key and value are in place, as in C.
ops.key[0] = 7
ops.value[0] = 9

function updates() {
  for (let i = 0; i < operations; i++) if (ops.update() !== 0) throw new Error('update failed')
}

function lookups() {
  for (let i = 0; i < operations; i++) if (ops.lookup() !== 0) throw new Error('lookup failed')
}

function nanosecondsEach(work) {
  const start = process.hrtime.bigint()
  work()
  return Number(process.hrtime.bigint() - start) / operations
}

await takeRounds(() => {
  report('map update', nanosecondsEach(updates))
  report('map lookup', nanosecondsEach(lookups))
})
map.close()
