import { describe, expect, it, vi } from 'vitest'
import { BpfError } from './index'

describe('BpfError', () => {
  it('looks for a hint only when it is read, once', () => {
    const search = vi.fn(() => 'did you mean vfs_read?')
    const error = new BpfError('ERR_BPF_TEST', 'no such function', { hint: search })
    expect(search).not.toHaveBeenCalled()
    expect([error.hint, error.hint]).toEqual(['did you mean vfs_read?', 'did you mean vfs_read?'])
    expect(search).toHaveBeenCalledOnce()
    expect(Object.keys(error)).toContain('hint')
  })

  it('shows, where nobody catches it, only what tells something', () => {
    expect(Reflect.ownKeys(new BpfError('ERR_BPF_TEST', 'no such function'))).not.toContainEqual(expect.any(Symbol))
  })
})
