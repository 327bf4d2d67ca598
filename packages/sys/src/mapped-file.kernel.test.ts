import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, describe, expect, it } from 'vitest'
import { mapFile } from './mapped-file'
import { createSys } from './sys'

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

const directory = mkdtempSync(join(tmpdir(), 'bpf-mapped-'))
afterAll(() => rmSync(directory, { recursive: true }))

describe('mapFile', () => {
  it('shows a file for as long as somebody looks', async () => {
    const path = join(directory, 'file')
    writeFileSync(path, 'contents')
    const isMapped = () => readFileSync('/proc/self/maps', 'utf8').includes(path)
    const look = () => {
      // The part is enough to keep the whole.
      const part = mapFile(createSys(), path, 8).subarray(3)
      collectGarbage()
      expect(new TextDecoder().decode(part)).toBe('tents')
      expect(isMapped()).toBe(true)
    }
    look()
    for (let i = 0; i < 100 && isMapped(); i++) {
      collectGarbage()
      await new Promise(resolve => setTimeout(resolve, 10))
    }
    expect(isMapped()).toBe(false)
  })

  it('says why it cannot', () => {
    expect(() => mapFile(createSys(), directory, 8)).toThrow(/mmap failed with ENODEV/)
  })
})
