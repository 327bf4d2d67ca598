import { parentPort, workerData } from 'node:worker_threads'
import { createSys, type Fd, mapOps } from '@bpf/sys'

/** In a thread: inserts and deletes the odd keys below `below` in the hash map behind a descriptor, again and again until told to stop. */
export interface Churn {
  readonly fd: Fd
  /** A multiple of 4. */
  readonly below: number
  /** One word: not 0 to stop. */
  readonly stop: Int32Array
}

const { fd, below, stop } = workerData as Churn
const ops = mapOps(createSys(), fd, { keySize: 4, valueSize: 4 })
const key = new Uint32Array(ops.key.buffer, ops.key.byteOffset, 1)
for (let odd = 1; Atomics.load(stop, 0) === 0; odd = (odd + 2) % below) {
  key[0] = odd
  ops.update()
  key[0] = (odd + below / 2) % below
  ops.delete()
  if (odd === 1) parentPort?.postMessage('begun')
}
parentPort?.close()
