import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { failOnLeaks } from '@bpf/fixtures/leaks'
import { createSys, ids } from '@bpf/sys'
import { describe, expect, it } from 'vitest'
import { pinObject } from '../testing/pinned-object'
import { runCli } from '../testing/run-cli'
import { expectToMatchSchema } from '../testing/schema'

describe.skipIf(process.getuid?.() !== 0)('bpf prog run (needs root)', () => {
  const sys = createSys()
  failOnLeaks(kind => ids(sys, kind))

  it('says what the program returned, and what became of the packet', async () => {
    using object = await pinObject('attach/xdp-chain.o')
    const path = `${object.directory}/programs/drop_all`
    const packet = '01 02 03 04 05 06 07 08 09 0a 0b 0c 08 00 45 00'
    const { code, out } = await runCli('prog', 'run', path, '--data', packet)
    expect(code).toBe(0)
    expect(out[0]).toMatch(/^returned 1 \(XDP_DROP\) in \d+ ns$/)
    expect(out.slice(1)).toEqual(['packet afterwards, 16 bytes', `     0:  ${packet}`])
    const document = JSON.parse((await runCli('prog', 'run', path, '--repeat', '100', '--json')).out.join('\n'))
    expectToMatchSchema(document, 'prog-run')
    expect(document).toMatchObject({ type: 'xdp', returnValue: 1, verdict: 'XDP_DROP', data: '00'.repeat(64) })
  })

  it('takes the words of bpftool', async () => {
    using object = await pinObject('attach/xdp-chain.o')
    const path = `${object.directory}/programs/drop_all`
    const scratch = mkdtempSync(join(tmpdir(), 'bpf-prog-run-'))
    const [packet, after] = [join(scratch, 'packet'), join(scratch, 'after')]
    try {
      writeFileSync(
        packet,
        Uint8Array.from({ length: 20 }, (_, at) => at),
      )
      const words = ['data_in', packet, 'data_out', after, 'data_size_out', '32', 'repeat', '10']
      const { code, out } = await runCli('prog', 'run', 'pinned', path, ...words)
      expect({ code, first: out[0] }).toEqual({ code: 0, first: expect.stringMatching(/^returned 1 \(XDP_DROP\)/) })
      expect(readFileSync(after)).toEqual(readFileSync(packet))
    } finally {
      rmSync(scratch, { recursive: true })
    }
    const { code, notes } = await runCli('prog', 'run', path, 'data_inn', packet)
    expect({ code, notes }).toEqual({ code: 2, notes: ['error: data_inn: not understood', expect.stringContaining('data_in')] })
  })

  it('refuses what it cannot run, and bytes that are none', async () => {
    using object = await pinObject('examples/execsnoop.o')
    const path = `${object.directory}/programs/on_exec`
    const refused = await runCli('prog', 'run', path)
    expect(refused.code).toBe(4)
    expect(refused.notes[0]).toBe('error: program "on_exec" cannot be run: this kernel has no test run of tracepoint programs')
    expect((await runCli('prog', 'run', path, '--data', 'xyz')).code).toBe(2)
  })
})
