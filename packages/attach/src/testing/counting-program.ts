import { type Fd, MapType, mapCreate, mapOps, orClose, type ProgLoadOptions, progLoad, type Sys } from '@bpf/sys'
import type { AttachableProgram } from '../link/link'
import { assemble, type Slot } from './assemble'

export interface CountingProgramOptions extends Omit<ProgLoadOptions, 'insns' | 'license'> {
  /** What the program returns. */
  readonly returns?: number
  /** Also remember what bpf_get_attach_cookie() says. */
  readonly cookie?: boolean
  readonly section?: string
  readonly target?: string
}

/** A program that counts its runs and always returns the same. Works for every program type. */
export interface CountingProgram extends AttachableProgram, Disposable {
  readonly fd: Fd
  /** Runs so far. */
  count(): number
  /** The cookie of the latest run. */
  cookie(): bigint
}

const op = { movImm: 0xb7, movReg: 0xbf, ldImm64: 0x18, atomic64: 0xdb, store64: 0x7b, call: 0x85, exit: 0x95 } as const
const pseudoMapValue = 2
const getAttachCookie = 174
const value = { size: 16, count: 0, cookie: 8 } as const

export function countingProgram(sys: Sys, options: CountingProgramOptions): CountingProgram {
  const { returns = 0, cookie = false, section = '', target, name = 'count', ...load } = options
  const map = mapCreate(sys, { type: MapType.Array, keySize: 4, valueSize: value.size, maxEntries: 1 })
  const readCookie: Slot[] = cookie ? [[op.call, 0, 0, 0, getAttachCookie]] : [[op.movImm, 0, 0, 0, 0]]
  const insns = assemble([
    ...readCookie,
    [op.ldImm64, 1, pseudoMapValue, 0, map.fd],
    [0, 0, 0, 0, 0],
    [op.store64, 1, 0, value.cookie, 0],
    [op.movImm, 2, 0, 0, 1],
    [op.atomic64, 1, 2, value.count, 0],
    [op.movImm, 0, 0, 0, returns],
    [op.exit, 0, 0, 0, 0],
  ])
  const log = { buffer: new Uint8Array(1 << 16), level: 1 }
  // A kernel that refuses the program is left without its map.
  const { fd } = orClose(map, () => progLoad(sys, { ...load, name, insns, license: 'GPL', log }))
  const ops = mapOps(sys, map.fd, { keySize: 4, valueSize: value.size })
  const read = (offset: number): bigint => {
    ops.lookup()
    return new DataView(ops.value.buffer, ops.value.byteOffset).getBigUint64(offset, true)
  }
  return {
    name,
    section,
    type: options.type,
    expectedAttachType: options.expectedAttachType ?? 0,
    attachTarget: target,
    get fd() {
      return fd.fd
    },
    count: () => Number(read(value.count)),
    cookie: () => read(value.cookie),
    [Symbol.dispose]() {
      fd.close()
      map.close()
    },
  }
}
