import { describe, expect, it } from 'vitest'
import { parseBinaryTarget, parseFunctionTarget, parseMapEntry, parseUsdtTarget, sectionWord } from './section-target'

describe('what a section names', () => {
  it.each([
    ['vfs_read', { symbol: 'vfs_read', offset: 0 }],
    ['vfs_read+0x10', { symbol: 'vfs_read', offset: 16 }],
    ['vfs_read+7', { symbol: 'vfs_read', offset: 7 }],
    ['vfs_*', { symbol: 'vfs_*', offset: 0 }],
    ['vfs_read+', undefined],
    ['vfs_read-1', { symbol: 'vfs_read-1', offset: 0 }],
    ['', undefined],
  ])('function %j', (text, target) => {
    expect(parseFunctionTarget(text)).toEqual(target)
  })

  it.each([
    ['/bin/bash:readline', { binary: '/bin/bash', symbol: 'readline' }],
    ['libc:malloc+0x10', { binary: 'libc', symbol: 'malloc', offset: 16 }],
    ['libc:memcpy@GLIBC_2.14', { binary: 'libc', symbol: 'memcpy@GLIBC_2.14' }],
    ['/bin/bash:0x1234', { binary: '/bin/bash', offset: 0x1234 }],
    ['/opt/a:b:main', { binary: '/opt/a:b', symbol: 'main' }],
    ['malloc', undefined],
    [':malloc', undefined],
    ['libc:', undefined],
  ])('place in a binary %j', (text, target) => {
    expect(parseBinaryTarget(text)).toEqual(target)
  })

  it.each([
    ['ports:3', { map: 'ports', key: 3 }],
    ['a:b:4294967295', { map: 'a:b', key: 4294967295 }],
    ['ports:4294967296', undefined],
    ['ports', undefined],
    [':3', undefined],
    ['ports:x', undefined],
  ])('entry of a map %j', (text, target) => {
    expect(parseMapEntry(text)).toEqual(target)
  })

  it.each([
    ['libc:libc:setjmp', { binary: 'libc', provider: 'libc', name: 'setjmp' }],
    ['/opt/a:b:server:request', { binary: '/opt/a:b', provider: 'server', name: 'request' }],
    ['libc:setjmp', undefined],
    ['::', undefined],
  ])('probe %j', (text, target) => {
    expect(parseUsdtTarget(text)).toEqual(target)
  })

  it.each([
    ['kprobe/vfs_read', 'kprobe'],
    ['?uprobe.s//bin/sh:main', 'uprobe.s'],
    ['xdp', 'xdp'],
  ])('begins with a word: %s', (section, word) => {
    expect(sectionWord(section)).toBe(word)
  })
})
