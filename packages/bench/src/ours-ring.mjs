// Our side of peers/ring.c. Argument: fill-ring.o
import { open } from '@bpf/loader'
import { RingBuffer } from '@bpf/maps'
import { progTestRun } from '@bpf/sys'
import { report } from './report.mjs'

const records = 500_000
/** As in peers/ring.c: a monitor runs for days, so what is measured is what comes after the first rounds. */
const rounds = 12
const warmUp = 4
const object = open(process.argv[2]).set('wanted', records)
const loaded = object.load()
const { sys } = object.context
const map = loaded.map('records')
const fill = () => progTestRun(sys, { progFd: loaded.program('fill').fd })

function raw() {
  const ring = new RingBuffer({ sys, mapFd: map.fd, size: map.shape.maxEntries, decode: () => undefined })
  let sum = 0
  const onRecord = (data, offset) => {
    // Wrapped to 32 bits: a sum beyond that would be a new heap number for each record, which C has no counterpart of.
    sum = (sum + data.getUint32(offset, true)) | 0
  }
  for (let round = 0; round < rounds; round++) {
    fill()
    const start = performance.now()
    const count = ring.consume(onRecord)
    const took = performance.now() - start
    if (count !== records) throw new Error(`read ${count} records`)
    if (round >= warmUp) report('ring raw', records / took / 1000)
  }
  ring.close()
  return sum
}

async function decoded() {
  for (let round = 0; round < rounds; round++) {
    fill()
    const stop = new AbortController()
    let count = 0
    const start = performance.now()
    for await (const record of loaded.events('records', { signal: stop.signal })) {
      if (record.cpu === 0 && ++count === records) stop.abort()
    }
    if (round >= warmUp) report('ring decoded', count / (performance.now() - start) / 1000)
  }
}

async function inBatches() {
  for (let round = 0; round < rounds; round++) {
    fill()
    const stop = new AbortController()
    let count = 0
    const start = performance.now()
    for await (const batch of loaded.batches('records', { signal: stop.signal })) {
      for (const record of batch) if (record.kind === 'record') count++
      if (count === records) stop.abort()
    }
    if (round >= warmUp) report('ring in batches', count / (performance.now() - start) / 1000)
  }
}

raw()
await decoded()
await inBatches()
loaded.close()
