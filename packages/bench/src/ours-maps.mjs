// Our side of peers/maps.c.

import { createContext } from '@bpf/loader'
import { openMap } from '@bpf/maps'
import { MapType, mapCreate, mapOps } from '@bpf/sys'
import { report } from './report.mjs'

const operations = 300_000
const entries = 1_000_000
const context = createContext()
const { sys } = context

const shape = (name, maxEntries) => ({ name, type: MapType.Hash, keySize: 4, valueSize: 8, maxEntries, flags: 0 })
const smallFd = mapCreate(sys, shape('small', 1024))
const small = mapOps(sys, smallFd.fd, { keySize: 4, valueSize: 8 })
const large = openMap(context, { fd: mapCreate(sys, shape('large', entries)), shape: shape('large', entries) })

const key = new Uint8Array(4)
const value = new Uint8Array(8)
const keyView = new DataView(key.buffer)
for (let i = 0; i < entries; i++) {
  keyView.setUint32(0, i, true)
  large.set(key, value)
}

/** Nanoseconds per operation, key and value in place as in C. */
function perOperation(operation) {
  small.key[0] = 7
  small.value[0] = 9
  const start = process.hrtime.bigint()
  for (let i = 0; i < operations; i++) if (operation() !== 0) throw new Error('map operation failed')
  return Number(process.hrtime.bigint() - start) / operations
}

function dumpMs() {
  const start = performance.now()
  let seen = 0
  for (const _ of large.entries()) seen++
  if (seen !== entries) throw new Error(`dumped ${seen} entries`)
  return performance.now() - start
}

perOperation(() => small.update())
for (let round = 0; round < 5; round++) {
  report(
    'map update',
    perOperation(() => small.update()),
  )
  report(
    'map lookup',
    perOperation(() => small.lookup()),
  )
  report('map dump', dumpMs())
}
large.close()
smallFd.close()
