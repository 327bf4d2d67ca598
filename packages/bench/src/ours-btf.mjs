// The kernel's BTF, indexed by a process that did it never before; and decoding, by a process that is warm. Needs --expose-gc.
import { readFileSync } from 'node:fs'
import { createCodec, encodeBtf, parseBtf } from '@bpf/btf'
import { report, takeRounds } from './rounds.mjs'

const vmlinux = readFileSync('/sys/kernel/btf/vmlinux')

function indexKernel() {
  const memory = () => {
    globalThis.gc()
    const { heapUsed, arrayBuffers } = process.memoryUsage()
    return heapUsed + arrayBuffers
  }
  const memoryBefore = memory()
  const before = process.cpuUsage()
  const btf = parseBtf(vmlinux)
  const [id] = btf.idsByEssentialName('task_struct')
  report('btf index', process.cpuUsage(before).user / 1000)
  report('btf memory', (memory() - memoryBefore) / 2 ** 20)
  if (btf.kindOf(id) === 0) throw new Error('no task_struct')
}

/** A struct of ten integers of all sizes. */
function tenFields() {
  const sizes = [8, 8, 8, 4, 4, 4, 2, 2, 1, 1]
  const ints = [1, 2, 4, 8].map(size => ({ kind: 'int', name: `u${size * 8}`, size }))
  let offset = 0
  const members = sizes.map((size, index) => {
    const member = { name: `field_${index}`, type: 1 + Math.log2(size), bitOffset: offset * 8, bitSize: 0 }
    offset += size
    return member
  })
  return createCodec(parseBtf(encodeBtf([...ints, { kind: 'struct', name: 'event', size: 48, members }])), 5)
}

function decodeStruct(codec) {
  const data = new DataView(new ArrayBuffer(48))
  const structs = 200_000
  let sum = 0
  const before = process.cpuUsage()
  for (let i = 0; i < structs; i++) sum += codec.decode(data, 0).field_9
  report('decode', (process.cpuUsage(before).user * 1000) / structs)
  if (sum !== 0) throw new Error('decoded what is not there')
}

let codec
await takeRounds(round => {
  if (round === 0) return indexKernel()
  codec ??= tenFields()
  decodeStruct(codec)
})
