import { AttachError, OptionError, parseAttachSpec } from '@bpf/attach'
import { describe, expect, it } from 'vitest'
import { NotFoundError } from './errors'
import { errorOf } from './testing/error-of'
import { isRoot, kernelTest } from './testing/kernel'

describe.skipIf(!isRoot)('where programs are attached (needs root)', () => {
  const { openFixture, leaks } = kernelTest()
  const load = async (...names: string[]) => (await openFixture('legacy/programs.o')).only(...names).load()
  const probe = 'on_raw_tracepoint'

  it.each([
    ['a text', { [probe]: 'sys_enter' }],
    ['a text that says whose it is', { [probe]: 'raw_tracepoint=sys_enter' }],
    ['its parts', { [probe]: { target: 'sys_enter' } }],
    ['its hook and options', { [probe]: { rawTracepoint: { name: 'sys_enter' } } }],
    ['a section', { raw_tracepoint: 'sys_enter' }],
    ['a parsed command line', [parseAttachSpec('raw_tracepoint=sys_enter')]],
  ])('is said by %s', async (_, targets) => {
    using object = await load(probe)
    const { links, skipped, failures } = object.attach({ targets })
    expect(links).toMatchObject([{ program: probe, kind: 'raw_tracepoint', target: 'sys_enter' }])
    expect([skipped, failures, object.links]).toEqual([[], [], links])
  })

  it('may be several places, or none', async () => {
    using object = await load(probe, 'on_tracepoint')
    const { links, skipped } = object.attach({ targets: { [probe]: ['sys_enter', 'sys_exit'], on_tracepoint: false } })
    expect(links.map(({ target }) => target)).toEqual(['sys_enter', 'sys_exit'])
    expect(skipped).toEqual([{ program: 'on_tracepoint', reason: 'left out by the caller' }])
  })

  it('is misspelt if no program is meant', async () => {
    using object = await load(probe)
    const error = errorOf(NotFoundError, () => object.attach({ targets: { on_raw_tracepiont: 'sys_enter' } }))
    expect(error.hint).toContain(probe)
    expect(object.links).toEqual([])
  })

  it('all or nowhere: what was attached is detached when a later one fails', async () => {
    using object = await load(probe, 'on_tracepoint')
    const before = leaks.remaining()
    expect(() => object.attach({ targets: { [probe]: ['sys_enter', 'no_such_tracepoint'] } })).toThrow(AttachError)
    expect(() => object.attach({ targets: { [probe]: ['sys_enter', 'sys_exit,moed=x'] } })).toThrow(OptionError)
    expect(object.links).toEqual([])
    expect(leaks.remaining()).toEqual(before)
  })

  it('or wherever it works, with keepGoing', async () => {
    using object = await load(probe)
    const { links, failures } = object.attach({ keepGoing: true, targets: { [probe]: ['no_such_tracepoint', 'sys_enter'] } })
    expect(links.map(({ target }) => target)).toEqual(['sys_enter'])
    expect(failures).toMatchObject([{ program: probe, error: { code: 'ERR_BPF_ATTACH' } }])
  })

  it('can be a map of the object', async () => {
    using object = await load('on_sk_msg')
    const error = errorOf(AttachError, () => object.attach({ targets: { on_sk_msg: 'calls' } }))
    expect(error.message).toContain('the map is no sockmap or sockhash')
    expect(() => object.attach({ targets: { on_sk_msg: 'sockets' } })).toThrow('the object has no such map')
  })
})
