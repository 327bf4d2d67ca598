import { expect, it } from 'vitest'
import { openFile } from './file'
import { mount, unmount } from './mount'
import { createSys } from './sys'
import { FakeNative } from './testing/fake-native'

const text = (value: string) => new TextEncoder().encode(`${value}\0`)

it('passes texts as C takes them', () => {
  const native = new FakeNative(({ name }) => (name === 'openat' ? 9 : 0))
  const sys = createSys({ native })
  mount(sys, { type: 'bpf', target: '/sys/fs/bpf', data: 'mode=0700' })
  unmount(sys, '/sys/fs/bpf')
  openFile(sys, '/proc/self/ns/net').close()
  expect(native.calls).toEqual([
    { name: 'mount', args: [text('bpf'), text('/sys/fs/bpf'), text('bpf'), 0, text('mode=0700')] },
    { name: 'umount2', args: [text('/sys/fs/bpf'), 2] },
    { name: 'openat', args: [-100, text('/proc/self/ns/net'), 0o2000000, 0] },
    { name: 'close', args: [9] },
  ])
})

it('refuses a path that the kernel would cut', () => {
  const native = new FakeNative()
  expect(() => openFile(createSys({ native }), '/etc/passwd\0.txt')).toThrow('path: expected text without NUL')
  expect(native.calls).toEqual([])
})
