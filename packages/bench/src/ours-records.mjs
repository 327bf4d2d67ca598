// Decoded records of a ring buffer. Arguments: fill-ring.o, and `decoded` or `in batches`
import { fillable, records } from './fillable.mjs'
import { report, takeRounds } from './rounds.mjs'

const [path, form] = process.argv.slice(2)
const { loaded, fill } = fillable(path)

const forms = {
  async decoded(signal, stop) {
    let count = 0
    for await (const record of loaded.events('records', { signal })) {
      if (record.cpu === 0 && ++count === records) stop()
    }
  },
  async 'in batches'(signal, stop) {
    let count = 0
    for await (const batch of loaded.batches('records', { signal })) {
      for (const record of batch) if (record.kind === 'record') count++
      if (count === records) stop()
    }
  },
}

await takeRounds(async () => {
  fill()
  const controller = new AbortController()
  const start = performance.now()
  await forms[form](controller.signal, () => controller.abort())
  report(`ring ${form}`, records / (performance.now() - start) / 1000)
})
loaded.close()
