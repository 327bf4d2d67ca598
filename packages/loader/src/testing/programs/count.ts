import { parentPort, workerData } from 'node:worker_threads'
import { open } from '../../index'

/** In a thread: runs `features/ring-kinds.o` so many times, reads what it writes, and posts how many records there were. */
const { path, runs } = workerData as { readonly path: string; readonly runs: number }

using object = open(path).load()
const writer = object.program('write_both')
let records = 0
const reading = (async () => {
  for await (const record of object.records('records')) {
    if (record.kind === 'record' && ++records === 2 * runs) break
  }
})()
for (let run = 0; run < runs; run++) {
  writer.run()
  // The ring holds a page: the reader gets its turn.
  if (run % 16 === 0) await new Promise(resolve => setImmediate(resolve))
}
await reading
parentPort?.postMessage({ records })
