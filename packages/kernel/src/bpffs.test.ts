import { expect, it } from 'vitest'
import { notOnBpffs } from './bpffs'

it('says where a bpf file system is, or how one comes to be', () => {
  expect(notOnBpffs('/tmp', true)).toBe('/tmp is not on a bpf file system, such as /sys/fs/bpf')
  expect(notOnBpffs('/sys/fs/bpf', false)).toContain('none is mounted at /sys/fs/bpf here')
})
