import { MapType, newMap } from '@bpf/object'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { LoadError, NotFoundError } from './errors'
import { errorOf } from './testing/error-of'
import { isRoot, kernelTest } from './testing/kernel'
import { VerifierError } from './verifier/verifier-error'

describe.skipIf(!isRoot)('what is passed through to the kernel (needs root)', () => {
  const { openFixture } = kernelTest()
  afterEach(() => void vi.unstubAllEnvs())

  it('an exclusive map is for its one program (Linux 6.18)', async () => {
    const opened = await openFixture('legacy/programs.o')
    using object = opened.only('on_xdp').load({ exclusive: { calls: 'on_xdp' } })
    expect(object.program('on_xdp').run().returnValue).toBe(2)
    expect(errorOf(VerifierError, () => object.load('on_perf_event')).errno).toBe('EACCES')
  })

  it('an exclusive map needs its program to be loaded', async () => {
    const opened = await openFixture('legacy/programs.o')
    expect(() => opened.only('on_xdp').load({ exclusive: { calls: 'on_socket' } })).toThrow(
      'map "calls" is exclusive to program "on_socket", which is not loaded',
    )
  })

  it.each([
    { exclusive: { calls: 'on_sockt' } },
    { exclusive: { cals: 'on_socket' } },
    { programs: { on_sockt: { keyringId: 1 } } },
    { pinPolicy: { cals: 'reuse' } },
  ] as const)('what is for no map or program of the object is misspelt: %j', async options => {
    const opened = await openFixture('legacy/programs.o')
    const error = errorOf(NotFoundError, () => opened.load(options))
    expect(error.hint).toMatch(/^did you mean "(on_socket|calls)"/)
  })

  it('a signature that is none is refused by the kernel, not by us (Linux 6.18)', async () => {
    const opened = (await openFixture('bad/no-license.o')).only('accept_nothing')
    const error = errorOf(LoadError, () => opened.load({ programs: { accept_nothing: { signature: new Uint8Array(16), keyringId: 0 } } }))
    expect(error).toMatchObject({ stage: 'program', subject: 'accept_nothing' })
  })

  it('a token from what is no bpf file system is an error that says what is needed', async () => {
    const opened = await openFixture('bad/no-license.o')
    const error = errorOf(LoadError, () => opened.load({ token: '/tmp' }))
    expect(error).toMatchObject({ stage: 'token', subject: '/tmp' })
    expect(error.hint).toBeDefined()
    opened.load({ token: false }).close()
  })

  it('a token is of the bpf file system that the environment names, unless that is empty', async () => {
    const opened = await openFixture('bad/no-license.o')
    vi.stubEnv('LIBBPF_BPF_TOKEN_PATH', '/tmp')
    expect(errorOf(LoadError, () => opened.load())).toMatchObject({ stage: 'token', subject: '/tmp' })
    vi.stubEnv('LIBBPF_BPF_TOKEN_PATH', '')
    opened.load().close()
  })

  it('a program that replaces a function needs the program that has it', async () => {
    const opened = await openFixture('checks/subprograms.o')
    const spec = opened.spec.programs[0]
    if (spec === undefined) throw new Error('the fixture has no program')
    Object.assign(spec, { type: 28, attachTarget: 'no_such_function', section: 'freplace/no_such_function' })
    opened.only(spec.name)
    expect(errorOf(LoadError, () => opened.load())).toMatchObject({
      subject: spec.name,
      message: expect.stringContaining('is for a function of another program, which is not given'),
      hint: expect.stringContaining('targetProgram'),
    })
    using target = (await openFixture('checks/subprograms.o')).load()
    const targetProgram = [...target.programs.values()][0]?.fd
    const error = errorOf(LoadError, () => opened.load({ programs: { [spec.name]: { targetProgram } } }))
    expect(error.message).toContain('is for function "no_such_function", which program')
    expect(error.hint).toBeDefined()
  })

  it('maps that a caller adds to the spec are created with the others', async () => {
    const opened = await openFixture('bad/no-license.o')
    opened.spec.maps.push(newMap('extra', { type: MapType.Hash, keySize: 4, valueSize: 4, maxEntries: 7 }))
    using object = opened.load()
    expect(object.map('extra').shape).toMatchObject({ type: MapType.Hash, maxEntries: 7 })
  })
})
