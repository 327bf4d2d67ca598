import { BpfError } from '@bpf/bytes'
import { describe, expect, it } from 'vitest'
import { testZip } from '../testing/test-zip'
import { contentsOf, readZip, ZipError } from './zip'

const library = Buffer.from('a library')
const archive = testZip([
  { name: 'manifest', contents: Buffer.from('{}'), compressed: true },
  { name: 'lib/x86_64/libapp.so', contents: library },
])

describe('an archive', () => {
  it('has members, stored or compressed', () => {
    expect(readZip(archive)).toMatchObject([
      { name: 'manifest', stored: false, size: 2 },
      { name: 'lib/x86_64/libapp.so', stored: true, size: library.length },
    ])
  })

  it('says where the contents of a member begin', () => {
    const [, member] = readZip(archive)
    const start = member === undefined ? 0 : contentsOf(archive, member)
    expect(start % 4096).toBe(0)
    expect(archive.subarray(start, start + library.length)).toEqual(library)
  })

  it('may end with a comment', () => {
    expect(readZip(testZip([{ name: 'a', contents: library }], 'PK, says the comment'))).toHaveLength(1)
  })

  it.each<[string, Uint8Array]>([
    ['nothing', new Uint8Array()],
    ['something else', Buffer.alloc(5000, 'PK')],
    ['an archive without its end', archive.subarray(0, -4)],
    ['an archive whose directory is elsewhere', archive.subarray(4096)],
  ])('is not %s', (_, bytes) => {
    expect(() => readZip(bytes)).toThrow(ZipError)
  })

  it('that is damaged gives an error of ours, or members in bounds', () => {
    for (let at = archive.length - 22; at > archive.length - 180; at--) {
      const damaged = Uint8Array.from(archive)
      damaged[at] = 0xff
      try {
        for (const member of readZip(damaged)) expect(contentsOf(damaged, member) + member.size).toBeLessThanOrEqual(damaged.length)
      } catch (error) {
        expect(error).toBeInstanceOf(BpfError)
      }
    }
  })
})
