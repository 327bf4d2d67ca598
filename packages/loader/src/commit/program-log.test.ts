import { FakeKernel } from '@bpf/kernel/testing'
import { createSys, Errno, ProgLoadError } from '@bpf/sys'
import { describe, expect, it } from 'vitest'
import { errorOf } from '../testing/error-of'
import { loadWithLog } from './program-log'

/** A kernel that refuses every program, and whose log takes so many bytes. */
class WordyKernel extends FakeKernel {
  /** `log_level` and `log_size` of each load. */
  readonly asked: (readonly [level: number, size: number])[] = []
  readonly #logSize: number
  #errno = 0

  constructor(logSize: number) {
    super()
    this.#logSize = logSize
  }

  override bpf(_command?: number, attr?: number | ArrayBufferView): number {
    const { buffer, byteOffset } = attr as Uint8Array
    const view = new DataView(buffer, byteOffset)
    const [level, size] = [view.getUint32(24, true), view.getUint32(28, true)]
    this.asked.push([level, size])
    this.#errno = size > 0 && size < this.#logSize ? Errno.ENOSPC : Errno.EACCES
    return -1
  }

  override errno(): number {
    return this.#errno
  }
}

const program = { type: 1, insns: new Uint8Array(8), license: 'GPL' }
const KiB = 2 ** 10
const MiB = 2 ** 20

function load(logSize: number, policy?: Parameters<typeof loadWithLog>[2]) {
  const native = new WordyKernel(logSize)
  const error = errorOf(ProgLoadError, () => loadWithLog(createSys({ native }), program, policy))
  return { error: error.errnoName, asked: native.asked }
}

describe('the log of a program that is refused', () => {
  it('is asked for only then, in ever larger buffers until it fits', () => {
    const sizes = [0, 256 * KiB, MiB, 4 * MiB, 16 * MiB - 1, 64 * MiB - 4]
    expect(load(20 * MiB)).toEqual({ error: 'EACCES', asked: sizes.map(size => [size === 0 ? 0 : 1, size]) })
  })

  it('is asked for at once where the policy says so', () => {
    expect(load(100, { level: 2, size: 64 })).toEqual({
      error: 'EACCES',
      asked: [
        [2, 64],
        [2, 256],
      ],
    })
  })

  it('that fits nowhere does not hide why the program was refused', () => {
    const { error, asked } = load(2 ** 40)
    expect([error, asked.at(-1)]).toEqual(['EACCES', [1, 256 * MiB]])
  })
})
