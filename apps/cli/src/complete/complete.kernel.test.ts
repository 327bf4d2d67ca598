import { toHex } from '@bpf/bytes'
import { createSys, getProgInfo, ProgType } from '@bpf/sys'
import { describe, expect, it } from 'vitest'
import { runCli } from '../testing/run-cli'
import { smallProgram } from '../testing/small-program'

const complete = async (...words: string[]) => (await runCli('__complete', ...words)).out

describe.skipIf(process.getuid?.() !== 0)('completion of what is loaded (needs root)', () => {
  it('offers ids, names, tags, and how to say them', async () => {
    const sys = createSys()
    using program = smallProgram(sys, { type: ProgType.SocketFilter, name: 'complete_me' })
    const { id, tag } = getProgInfo(sys, program.fd)
    expect(await complete('prog', 'dump', '')).toEqual(
      expect.arrayContaining(['xlated', 'jited', 'id', 'name', 'tag', 'pinned', 'complete_me']),
    )
    expect(await complete('prog', 'dump', 'xlated', 'id', '')).toContain(String(id))
    expect(await complete('prog', 'show', 'tag', '')).toContain(toHex(tag))
    expect(await complete('btf', 'dump', 'prog', 'name', '')).toContain('complete_me')
    expect(await complete('trace', '--program', '')).toContain('complete_me')
  })
})
