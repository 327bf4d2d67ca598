import { Errno, SyscallError } from '@bpf/sys'
import { describe, expect, it } from 'vitest'
import { heldLink } from './held-link'

const label = { kind: 'test', program: 'old', target: 'a hook', interface: 'netlink' } as const
const next = { name: 'new', fd: 7 }

describe('a link that only this process knows', () => {
  it('takes no other program once it is closed', () => {
    const updates: string[] = []
    const link = heldLink({ ...label, detach: () => {}, update: ({ name }) => updates.push(name) })
    link.update(next)
    link.close()
    expect(() => link.update(next)).toThrow(expect.objectContaining({ code: 'ERR_BPF_CLOSED' }))
    expect([updates, link.program, link.closed]).toEqual([['new'], 'new', true])
  })

  it('says that its target is gone', () => {
    const link = heldLink({
      ...label,
      detach: () => {},
      update() {
        throw new SyscallError({ syscall: 'bpf', errno: Errno.ENODEV, attributes: {} })
      },
    })
    expect(() => link.update(next)).toThrow(
      expect.objectContaining({
        code: 'ERR_BPF_LINK',
        message: 'link of program "old" to a hook cannot take program "new": what it was attached to is gone',
        hint: 'close it, and attach the program again',
      }),
    )
    expect(link.program).toBe('old')
  })
})
