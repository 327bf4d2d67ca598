import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { createSys, eventfd, writeFd } from '@bpf/sys'

/** Ends, in the way named, while something is ready to be read that nobody will read any more. */
const [way = ''] = isMainThread ? process.argv.slice(2) : [workerData]

if (isMainThread && way.startsWith('thread')) {
  const worker = new Worker(process.argv[1] ?? '', { workerData: way })
  await new Promise(resolve => worker.once('message', resolve))
  if (way === 'thread that is terminated') await worker.terminate()
  if (way === 'thread at process.exit') process.exit()
} else {
  const sys = createSys()
  const { fd } = eventfd(sys, 0)
  sys.reactor.add(fd, () => {})
  // The event loop waits for it from its next turn on.
  await new Promise(resolve => setImmediate(() => setImmediate(resolve)))
  writeFd(sys, fd, Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0))
  parentPort?.postMessage('ready')
  while (!isMainThread) {}
  if (way === 'process.exit') process.exit()
}
