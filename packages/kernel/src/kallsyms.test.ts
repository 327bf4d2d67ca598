import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Kallsyms } from './kallsyms'

const symbols = (text: string) => new Kallsyms(new TextEncoder().encode(text))
const text = `ffffffff81000000 T _stext
ffffffff81000100 T vfs_read
ffffffff81000200 t helper
ffffffff81000300 t helper
ffffffff82000000 D vfs_read_table
ffffffff81000280 W weak_one
ffffffffc0000000 t mod_init\t[nf_tables]
ffffffffc0000010 t vfs_read.cold\t[nf_tables]`

describe('Kallsyms', () => {
  it('finds a whole name, not a part of one', () => {
    expect(symbols(text).find('vfs_read')).toEqual([{ name: 'vfs_read', address: 0xffffffff81000100n, type: 'T', module: undefined }])
    expect(symbols(text).find('vfs')).toEqual([])
    expect(symbols(text).find('mod_init')).toEqual([{ name: 'mod_init', address: 0xffffffffc0000000n, type: 't', module: 'nf_tables' }])
    expect(symbols(text).has('vfs_read.cold')).toBe(true)
  })

  it('tells absent, ambiguous and hidden apart', () => {
    expect(symbols(text).address('vfs_read')).toBe(0xffffffff81000100n)
    expect(symbols(text).address('helper')).toBe('ambiguous')
    expect(symbols(text).address('nothing')).toBeUndefined()
    const hidden = symbols('0000000000000000 T _stext\n0000000000000000 T vfs_read\n')
    expect(hidden.restricted).toBe(true)
    expect(hidden.address('vfs_read')).toBe('restricted')
    expect(hidden.address('nothing')).toBeUndefined()
  })

  it('takes an address of zero for what it is when others are shown', () => {
    expect(symbols(`0000000000000000 A fixed_percpu_data\n${text}`).address('fixed_percpu_data')).toBe(0n)
  })

  it('names the function that an address lies in', () => {
    const at = (address: bigint) => {
      const found = symbols(text).symbolAt(address)
      return found && `${found.symbol.name}+${found.offset}`
    }
    expect(at(0xffffffff81000100n)).toBe('vfs_read+0')
    expect(at(0xffffffff810002ffn)).toBe('weak_one+127')
    expect(at(0xffffffffc0000014n)).toBe('vfs_read.cold+4')
    expect(at(0xffffffff80ffffffn)).toBeUndefined()
  })

  it('finds names that pass, and every name of an address', () => {
    const names = (found: Iterable<{ readonly name: string }>) => [...found].map(({ name }) => name)
    expect([...symbols(text).names()]).toHaveLength(8)
    expect(names(symbols(text).matching(name => name.startsWith('vfs_read')))).toEqual(['vfs_read', 'vfs_read_table', 'vfs_read.cold'])
    const aliased = symbols(`${text}\nffffffff81000100 T also_read\n`)
    expect(names(aliased.at(new Set([0xffffffff81000100n, 0xffffffffc0000000n])))).toEqual(['vfs_read', 'mod_init', 'also_read'])
  })

  it('never crashes on what a file may hold', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.bigInt(0n, 2n ** 64n - 1n), (bytes, address) => {
        const damaged = new Kallsyms(bytes)
        expect([...damaged].length).toBeLessThanOrEqual(bytes.byteLength)
        damaged.symbolAt(address)
        damaged.address('a')
        expect([...damaged.matching(() => true), ...damaged.at(new Set([address]))].length).toBeLessThanOrEqual(2 * bytes.byteLength)
      }),
    )
  })

  it('has nothing to say without the file', () => {
    const none = symbols('')
    expect([none.empty, none.restricted, none.address('x'), none.symbolAt(5n), [...none]]).toEqual([true, false, undefined, undefined, []])
  })
})
