import { Errno, SyscallError } from '@bpf/sys'
import { describe, expect, it } from 'vitest'
import { heldLink } from './link/held-link'
import type { LinkInterface } from './link/link'
import { attachErrorOf } from './testing/errors'
import { attachFirst, MissingInterfaceError, type Way } from './ways'

const label = { kind: 'test', program: 'p', target: 'a hook' }
const works = (via: LinkInterface): Way => ({
  interface: via,
  attach: () => heldLink({ ...label, interface: via, detach: () => {} }),
})
const fails = (via: LinkInterface, errno: number): Way => ({
  interface: via,
  attach: () => {
    throw new SyscallError({ syscall: 'bpf', errno, attributes: {} })
  },
})
const missing = (via: LinkInterface): Way => ({
  interface: via,
  attach: () => {
    throw new MissingInterfaceError('no PMU')
  },
})

describe('of several ways to attach', () => {
  it.each([
    ['the first', [works('bpf link'), works('prog_attach')], 'bpf link'],
    ['the one after a kernel that does not know the first', [fails('bpf link', Errno.EINVAL), works('prog_attach')], 'prog_attach'],
    ['the one after an interface that was not built', [missing('bpf link'), works('prog_attach')], 'prog_attach'],
    ['the one after one that cannot do it', [{ ...works('bpf link'), unable: 'too new' }, works('prog_attach')], 'prog_attach'],
  ] as const)('%s is taken', (_, ways, via) => {
    expect(attachFirst(label, ways).interface).toBe(via)
  })

  it('only those asked for are tried', () => {
    expect(attachFirst(label, [works('bpf link'), works('prog_attach')], { interfaces: ['prog_attach'] }).interface).toBe('prog_attach')
  })

  it('none is tried after a refusal that has nothing to do with the interface', () => {
    const error = attachErrorOf(() => attachFirst(label, [fails('bpf link', Errno.EPERM), works('prog_attach')]))
    expect(error.message).toBe('program "p" cannot be attached to a hook: EPERM')
    expect(error.cause).toBeInstanceOf(SyscallError)
  })

  it('each is named when all are refused', () => {
    const ways = [fails('bpf link', Errno.EINVAL), missing('perf_event ioctl'), { ...works('tracefs event'), unable: 'no cookies' }]
    const error = attachErrorOf(() => attachFirst(label, ways))
    expect(error.message).toContain('a hook: bpf link: EINVAL; perf_event ioctl: no PMU; tracefs event: no cookies')
  })

  it('a refusal is explained by the hook', () => {
    const explain = () => ({ problem: 'no such thing', hint: 'make one' })
    expect(attachErrorOf(() => attachFirst(label, [fails('bpf link', Errno.ENOENT)], { explain }))).toMatchObject({
      message: 'program "p" cannot be attached to a hook: no such thing',
      hint: 'make one',
    })
  })

  it('there may be none', () => {
    expect(attachErrorOf(() => attachFirst(label, [works('bpf link')], { interfaces: [] })).message).toContain(
      'none of the given interfaces serves this hook',
    )
  })
})
