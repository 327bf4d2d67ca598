import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { failOnLeaks } from '@bpf/fixtures/leaks'
import { createSys, ids } from '@bpf/sys'
import { afterAll, describe, expect, it } from 'vitest'
import { fixture } from '../testing/pinned-object'
import { runCli } from '../testing/run-cli'

/** The verifier refuses it, which would be said if it were loaded. */
const bad = fixture('bad/verifier.o')

describe.skipIf(process.getuid?.() !== 0)('a place for pins that is on no bpf file system (needs root)', () => {
  const sys = createSys()
  failOnLeaks(kind => ids(sys, kind))
  const directory = mkdtempSync(join(tmpdir(), 'bpf-pins-'))
  afterAll(() => rmSync(directory, { recursive: true }))
  const pin = join(directory, 'new')

  it.each([
    ['start', bad, '--pin', pin],
    ['load', bad, '--pin', pin],
    ['load', bad, '--pin-root', pin],
    ['prog', 'load', bad, pin],
    ['prog', 'loadall', bad, pin],
    ['prog', 'loadall', bad, '/sys/fs/bpf/bpf-pins', '--pinmaps', pin],
    ['map', 'create', pin, '--type', 'hash', '--key', '0'],
    ['iter', 'pin', bad, pin],
    ['struct-ops', 'register', bad, pin],
  ])('is refused by bpf %s before anything is made', async (...args) => {
    const { code, notes } = await runCli(...args)
    expect(code).toBe(1)
    expect(notes.join('\n')).toMatch(
      /\/new cannot (be a pin|hold pins): \S+ is on [a-z0-9]+, not on a bpf file system\n.*hint: (take a path below|mount)/,
    )
    expect(notes.join('\n')).not.toContain('loaded')
    expect(readdirSync(directory)).toEqual([])
  })
})

const bpffs = '/sys/fs/bpf'
describe.skipIf(process.getuid?.() !== 0 || !existsSync(bpffs))(
  'a directory where something is pinned (needs root, a bpf file system)',
  () => {
    it.each(['start', 'load'])('is refused by bpf %s --pin before anything is made, if the names are the same', async command => {
      const directory = mkdtempSync(`${bpffs}/cli-pins-`)
      try {
        const taken = `${directory}/programs/count_exec`
        mkdirSync(taken, { recursive: true })
        const { code, notes } = await runCli(command, bad, '--pin', directory)
        expect(code).toBe(1)
        expect(notes.slice(-2)).toEqual([
          `error: pin "${taken}" is there already`,
          '  hint: another object is pinned there, or this one already; removing its pins unloads it',
        ])
      } finally {
        rmSync(directory, { recursive: true })
      }
    })
  },
)
