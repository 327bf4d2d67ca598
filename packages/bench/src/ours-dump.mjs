// Our side of peers/dump.c.
import { createContext } from '@bpf/loader'
import { openMap } from '@bpf/maps'
import { MapType, mapCreate } from '@bpf/sys'
import { report, takeRounds } from './rounds.mjs'

const entries = 1_000_000
const context = createContext()
const shape = { name: 'large', type: MapType.Hash, keySize: 4, valueSize: 8, maxEntries: entries, flags: 0 }
const map = openMap(context, { fd: mapCreate(context.sys, shape), shape })

function fill() {
  const key = new Uint8Array(4)
  const keyView = new DataView(key.buffer)
  const value = new Uint8Array(8)
  for (let i = 0; i < entries; i++) {
    keyView.setUint32(0, i, true)
    map.set(key, value)
  }
}

function millisecondsToDump() {
  const start = performance.now()
  let seen = 0
  for (const _ of map.entries()) seen++
  if (seen !== entries) throw new Error(`dumped ${seen} entries`)
  return performance.now() - start
}

fill()
await takeRounds(() => report('map dump', millisecondsToDump()))
map.close()
