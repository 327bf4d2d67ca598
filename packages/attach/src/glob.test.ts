import { describe, expect, it } from 'vitest'
import { type FunctionPattern, splitPattern } from './glob'

const known = ['tcp_v4_connect', 'tcp_v6_connect', 'tcp_close', 'vfs_read', 'a.b']

describe('a pattern of functions', () => {
  it.each<[FunctionPattern, readonly string[], readonly string[]]>([
    ['vfs_read', ['vfs_read'], []],
    ['tcp_v?_connect', [], ['tcp_v4_connect', 'tcp_v6_connect']],
    ['tcp_*', [], ['tcp_v4_connect', 'tcp_v6_connect', 'tcp_close']],
    ['a.*', [], ['a.b']],
    [/_v[46]_/, [], ['tcp_v4_connect', 'tcp_v6_connect']],
    [/^tcp/g, [], ['tcp_v4_connect', 'tcp_v6_connect', 'tcp_close']],
    [['vfs_read', '*close'], ['vfs_read'], ['tcp_close']],
  ])('%s', (pattern, names, matching) => {
    const split = splitPattern(pattern)
    expect(split.names).toEqual(names)
    expect(split.matches ? known.filter(split.matches) : []).toEqual(matching)
  })
})
