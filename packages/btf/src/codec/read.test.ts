import { describe, expect, it } from 'vitest'
import { readText } from './read'

/** Bytes of a text, filled up to 16. */
function nameBytes(text: string, rest = 0): DataView {
  const bytes = new Uint8Array(16).fill(rest)
  new TextEncoder().encodeInto(`${text}\0`, bytes)
  return new DataView(bytes.buffer)
}
const read = (view: DataView): string => readText(view, 0, 16)

describe('names of 16 bytes, which are found again by their bytes', () => {
  it('are what their bytes say, however many others came between', () => {
    const names = ['', ...Array.from({ length: 2000 }, (_, i) => `task-${i}`)]
    for (let round = 0; round < 2; round++) {
      for (const name of names) expect(read(nameBytes(name))).toBe(name)
    }
  })

  it.each([0, 4, 8, 12])('differ by the four bytes from %i on', at => {
    const view = nameBytes('aaaabbbbccccdddd')
    expect(read(view)).toBe('aaaabbbbccccdddd')
    view.setUint32(at, 0x78787878)
    expect(read(view)).toBe(`${'aaaabbbbccccdddd'.slice(0, at)}xxxx${'aaaabbbbccccdddd'.slice(at + 4)}`)
  })

  it('end at the first NUL, whatever is behind it', () => {
    expect(read(nameBytes('bash', 0x41))).toBe('bash')
    expect(read(nameBytes('bash', 0x42))).toBe('bash')
  })

  it('keep bytes that are no UTF-8', () => {
    expect(read(nameBytes('Grüße', 0xff))).toBe('Grüße')
    const cut = nameBytes('a', 0xe2)
    cut.setUint8(1, 0xe2)
    expect(read(cut)).toBe(`a${'\udce2'.repeat(15)}`)
  })
})
