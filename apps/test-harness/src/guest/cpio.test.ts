import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type CpioFile, cpioArchive } from './cpio'
import { findCommand } from './find-command'

const bytesOf = (files: readonly CpioFile[]) => Buffer.concat(cpioArchive(files))
const cpio = findCommand('cpio')

describe('an archive for the kernel', () => {
  it('is headers, names and contents, each padded to four bytes, and a trailer', () => {
    const text = bytesOf([{ path: 'init', mode: 0o755, data: 'hello' }]).toString('latin1')
    const [file, trailer] = text.split(/(?=070701)/)
    expect(file?.slice(6, 22)).toBe('00000001000081ed')
    // 110 bytes of header, `init` and its end make 115, padded to 116; the contents' five bytes are padded to eight.
    expect(file?.slice(110)).toBe('init\0\0hello\0\0\0')
    expect(trailer).toContain('TRAILER!!!\0')
    expect(text.length % 4).toBe(0)
  })

  it('makes the directories on the way, each once and before what is in them', () => {
    const text = bytesOf([
      { path: 'a/b/one', data: '' },
      { path: 'a/b/two', data: '' },
    ]).toString('latin1')
    const names = [...text.matchAll(/070701[0-9a-f]{104}([^\0]+)\0/g)].map(match => match[1])
    expect(names).toEqual(['a', 'a/b', 'a/b/one', 'a/b/two', 'TRAILER!!!'])
  })

  it.skipIf(cpio === undefined)(`is what cpio unpacks${cpio === undefined ? ' (needs cpio)' : ''}`, () => {
    const directory = mkdtempSync(join(tmpdir(), 'bpf-test-'))
    onTestFinished(() => rmSync(directory, { recursive: true }))
    const binary = Uint8Array.from({ length: 1001 }, (_, index) => index & 255)
    const input = bytesOf([
      { path: 'bin/tool', mode: 0o755, data: binary },
      { path: 'etc/empty', data: '' },
    ])
    expect(spawnSync('cpio', ['-id', '--quiet'], { cwd: directory, input }).status).toBe(0)
    expect(new Uint8Array(readFileSync(join(directory, 'bin/tool')))).toEqual(binary)
    expect(statSync(join(directory, 'bin/tool')).mode & 0o777).toBe(0o755)
    expect(statSync(join(directory, 'etc/empty')).size).toBe(0)
  })
})
