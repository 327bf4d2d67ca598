import { describe, expect, it } from 'vitest'
import { BpfCommand } from '../constants/command'
import { Errno } from '../errno'
import type { Fd } from '../owned-fd'
import { createSys } from '../sys'
import { SyscallError } from '../syscall-error'
import { type Answer, FakeNative } from '../testing/fake-native'
import { nextId } from './ids'
import { mapCreate } from './map'
import { mapLookupBatch } from './map-batch'
import { ProgLoadError, progLoad, progLoadAsync } from './program'
import { progQuery } from './program-attach'

const code = new Uint8Array(16)
const fd = (number: number) => number as Fd
const attrOf = (args: readonly unknown[]) => new DataView((args[1] as Uint8Array).buffer)

function kernel(answer: Answer) {
  const native = new FakeNative(answer)
  return { native, sys: createSys({ native, readText: () => undefined }) }
}

describe('a refused command', () => {
  it('says what was asked in the words of bpf.h', () => {
    const { sys } = kernel(() => ({ errno: Errno.EINVAL }))
    expect(() => mapCreate(sys, { type: 1, keySize: 0, valueSize: 4, maxEntries: 1, name: 'x' })).toThrow(
      expect.objectContaining({
        name: 'SyscallError',
        code: 'ERR_BPF_SYSCALL',
        syscall: 'bpf',
        operation: 'BPF_MAP_CREATE',
        errno: 22,
        errnoName: 'EINVAL',
        message:
          'BPF_MAP_CREATE failed with EINVAL (invalid argument): map_type=BPF_MAP_TYPE_HASH, value_size=4, max_entries=1, map_name="x"',
        attributes: expect.objectContaining({ mapType: 1, keySize: 0, valueSize: 4, mapName: 'x' }),
      }),
    )
  })

  it('says what to do where descriptors ran out', () => {
    const { sys } = kernel(() => ({ errno: Errno.EMFILE }))
    expect(() => mapCreate(sys, { type: 1 })).toThrow(expect.objectContaining({ hint: expect.stringContaining('ulimit -n') }))
  })

  it('has a name for the error number that only the kernel knows', () => {
    const { sys } = kernel(() => ({ errno: 524 }))
    expect(() => mapCreate(sys, { type: 1 })).toThrow(/ENOTSUPP/)
  })
})

describe('program loads', () => {
  it('are asked again while the kernel says EAGAIN', async () => {
    let attempts = 0
    const { sys, native } = kernel(({ name }) => (name !== 'bpf' ? 0 : ++attempts < 5 ? { errno: Errno.EAGAIN } : 7))
    expect(progLoad(sys, { type: 1, insns: code, license: 'GPL' }).fd.fd).toBe(7)
    expect(native.calls.filter(({ name }) => name === 'bpf').length).toBe(5)
    attempts = 0
    expect((await progLoadAsync(sys, { type: 1, insns: code, license: 'GPL' })).fd.fd).toBe(7)
  })

  it('are asked again with signals blocked, which come faster than a large program is verified', () => {
    const masks: bigint[] = [0n]
    const { sys } = kernel(({ name, args }) => {
      if (name === 'bpf') return masks.at(-1) === 0n ? { errno: Errno.EAGAIN } : 7
      if (name !== 'rt_sigprocmask') return 0
      const [, next, before] = args as [number, BigUint64Array, BigUint64Array | null]
      if (before !== null) before[0] = masks.at(-1) ?? 0n
      masks.push(next[0] ?? 0n)
      return 0
    })
    expect(progLoad(sys, { type: 1, insns: code, license: 'GPL' }).fd.fd).toBe(7)
    expect(masks).toEqual([0n, 2n ** 64n - 1n, 0n])
  })

  it('give up after five times', () => {
    const { sys, native } = kernel(() => ({ errno: Errno.EAGAIN }))
    expect(() => progLoad(sys, { type: 1, insns: code, license: 'GPL' })).toThrow(/EAGAIN/)
    expect(native.calls.filter(({ name }) => name === 'bpf').length).toBe(5)
  })

  it('are not repeated for other reasons', () => {
    const { sys, native } = kernel(() => ({ errno: Errno.EINVAL }))
    expect(() => progLoad(sys, { type: 1, insns: code, license: 'GPL' })).toThrow(ProgLoadError)
    expect(native.calls.length).toBe(1)
  })

  it('carry the log and the size it would take', () => {
    const { sys } = kernel(({ args, fake }) => {
      const attr = attrOf(args)
      const log = fake.memoryAt(attr.getBigUint64(32, true)) as Uint8Array
      log.set(new TextEncoder().encode('R0 !read_ok\n\0'))
      attr.setUint32(140, 5000, true)
      return { errno: Errno.ENOSPC }
    })
    const buffer = new Uint8Array(64)
    expect(() => progLoad(sys, { type: 1, insns: code, license: 'GPL', log: { buffer, level: 1 } })).toThrow(
      expect.objectContaining({ name: 'ProgLoadError', errno: Errno.ENOSPC, log: 'R0 !read_ok\n', logTrueSize: 5000 }),
    )
  })
})

describe('answers', () => {
  it('end a walk over ids with ENOENT', () => {
    const { sys } = kernel(({ args }) => {
      const attr = attrOf(args)
      if (attr.getUint32(0, true) >= 9) return { errno: Errno.ENOENT }
      attr.setUint32(4, 9, true)
      return 0
    })
    expect(nextId(sys, 'map', 3)).toBe(9)
    expect(nextId(sys, 'map', 9)).toBeUndefined()
  })

  it('make room for as many programs as are attached', () => {
    const { sys, native } = kernel(({ args, fake }) => {
      const attr = attrOf(args)
      const room = attr.getUint32(24, true)
      attr.setUint32(24, 70, true)
      attr.setBigUint64(56, 42n, true)
      if (room < 70) return { errno: Errno.ENOSPC }
      ;(fake.memoryAt(attr.getBigUint64(16, true)) as Uint32Array).set(Array.from({ length: 70 }, (_, i) => i + 100))
      return 0
    })
    const { programs, revision } = progQuery(sys, { targetFd: fd(3), attachType: 1 })
    expect(programs.length).toBe(70)
    expect(programs[69]).toEqual({ progId: 169, attachFlags: 0, linkId: 0, linkAttachFlags: 0 })
    expect(revision).toBe(42n)
    expect(native.calls.length).toBe(2)
  })

  it('tell how many elements of a batch were done', () => {
    const { sys } = kernel(({ args }) => {
      attrOf(args).setUint32(32, 3, true)
      return { errno: Errno.ENOENT }
    })
    const result = mapLookupBatch(sys, {
      fd: fd(3),
      count: 8,
      keys: new Uint8Array(32),
      values: new Uint8Array(32),
      outBatch: new Uint8Array(4),
    })
    expect(result).toMatchObject({ count: 3, errno: Errno.ENOENT })
    expect(result.error()).toBeInstanceOf(SyscallError)
  })
})

describe('the announced size', () => {
  it('covers what the kernel writes', () => {
    const { sys, native } = kernel(() => 0)
    nextId(sys, 'prog', 0)
    expect(native.calls[0]?.args.slice(0, 3)).toEqual([BpfCommand.ProgGetNextId, expect.anything(), 8])
  })
})
