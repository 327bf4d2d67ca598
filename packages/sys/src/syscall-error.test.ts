import { inspect } from 'node:util'
import { BpfError } from '@bpf/bytes'
import { describe, expect, it } from 'vitest'
import { Errno } from './errno'
import { SyscallError } from './syscall-error'

const refused = (hint?: string) =>
  new SyscallError({
    syscall: 'bpf',
    operation: 'BPF_PROG_LOAD',
    errno: Errno.EACCES,
    attributes: { log_buf: new Uint8Array(262_144) },
    hint,
  })

describe('an error that nobody catches', () => {
  it('shows what was passed in one line, without the bytes of buffers', () => {
    const error = refused()
    expect(error.attributes['log_buf']).toHaveLength(262_144)
    const text = inspect(error)
    expect(text).toContain('BPF_PROG_LOAD failed with EACCES (permission denied): log_buf=[262144 bytes]')
    expect(text).not.toContain('Uint8Array')
    expect(text).not.toContain('hint')
  })

  it('shows hints that take a search, also those of what caused it', () => {
    const cause = new BpfError('ERR_BPF_TEST', 'no such function', { hint: () => 'did you mean vfs_read?', cause: refused('as root') })
    const text = inspect(new BpfError('ERR_BPF_TEST', 'not attached', { cause, hint: () => undefined }))
    expect(text).toContain("hint: 'did you mean vfs_read?'")
    expect(text).toContain("hint: 'as root'")
    expect(text).not.toMatch(/Getter|hint: undefined/)
  })
})
