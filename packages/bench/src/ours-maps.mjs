// Our side of peers/maps.c.

import { createContext } from '@bpf/loader'
import { openMap } from '@bpf/maps'
import { MapType, mapCreate, mapOps } from '@bpf/sys'
import { report } from './report.mjs'

const rounds = 5
const operations = 300_000
const entries = 1_000_000
const context = createContext()
const { sys } = context

const shape = (name, maxEntries) => ({ name, type: MapType.Hash, keySize: 4, valueSize: 8, maxEntries, flags: 0 })

/** Key and value are in place, as in C. */
function singleOperations() {
  const map = mapCreate(sys, shape('small', 1024))
  const ops = mapOps(sys, map.fd, { keySize: 4, valueSize: 8 })
  ops.key[0] = 7
  ops.value[0] = 9
  const update = () => ops.update()
  const lookup = () => ops.lookup()
  nanosecondsOf(update)
  for (let round = 0; round < rounds; round++) {
    report('map update', nanosecondsOf(update))
    report('map lookup', nanosecondsOf(lookup))
  }
  map.close()
}

function nanosecondsOf(operation) {
  const start = process.hrtime.bigint()
  for (let i = 0; i < operations; i++) if (operation() !== 0) throw new Error('map operation failed')
  return Number(process.hrtime.bigint() - start) / operations
}

function dumps() {
  const map = openMap(context, { fd: mapCreate(sys, shape('large', entries)), shape: shape('large', entries) })
  fill(map)
  for (let round = 0; round < rounds; round++) report('map dump', millisecondsToDump(map))
  map.close()
}

function fill(map) {
  const key = new Uint8Array(4)
  const keyView = new DataView(key.buffer)
  const value = new Uint8Array(8)
  for (let i = 0; i < entries; i++) {
    keyView.setUint32(0, i, true)
    map.set(key, value)
  }
}

function millisecondsToDump(map) {
  const start = performance.now()
  let seen = 0
  for (const _ of map.entries()) seen++
  if (seen !== entries) throw new Error(`dumped ${seen} entries`)
  return performance.now() - start
}

singleOperations()
dumps()
