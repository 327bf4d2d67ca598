// Our side of peers/ring.c. Argument: fill-ring.o
import { RingBuffer } from '@bpf/maps'
import { fillable, records } from './fillable.mjs'
import { report, takeRounds } from './rounds.mjs'

const { loaded, sys, fill } = fillable(process.argv[2])
const map = loaded.map('records')
const ring = new RingBuffer({ sys, mapFd: map.fd, size: map.shape.maxEntries, decode: () => undefined })
let sum = 0
const onRecord = (data, offset) => {
  // Wrapped to 32 bits: a sum beyond that would be a new heap number for each record, which C has no counterpart of.
  sum = (sum + data.getUint32(offset, true)) | 0
}

await takeRounds(() => {
  fill()
  const start = performance.now()
  const count = ring.consume(onRecord)
  const took = performance.now() - start
  if (count !== records) throw new Error(`read ${count} records`)
  report('ring raw', records / took / 1000)
})
ring.close()
loaded.close()
