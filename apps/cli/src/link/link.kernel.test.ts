import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { failOnLeaks } from '@bpf/fixtures/leaks'
import { open } from '@bpf/loader'
import { createSys, ids } from '@bpf/sys'
import { describe, expect, it } from 'vitest'
import { fixture } from '../testing/pinned-object'
import { runCli } from '../testing/run-cli'

describe.skipIf(process.getuid?.() !== 0)('bpf link (needs root)', () => {
  const sys = createSys()
  failOnLeaks(kind => ids(sys, kind))

  it('says the same of a link as bpftool', async () => {
    using object = open(readFileSync(fixture('examples/syscall-count.o'))).load()
    object.attach()
    const { out } = await runCli('link', 'list', '--json')
    const programs = new Set([...object.programs.values()].map(program => program.info().id))
    const links: { id: number; progId: number }[] = JSON.parse(out.join('\n'))
    const ours = links.filter(link => programs.has(link.progId))
    expect(ours.length).toBeGreaterThan(0)
    for (const { id } of ours) {
      const theirs = JSON.parse(execFileSync('bpftool', ['-j', 'link', 'show', 'id', `${id}`], { encoding: 'utf8' }))
      expect(JSON.parse((await runCli('link', 'show', 'id', `${id}`, '--bpftool-json')).out.join('\n'))).toEqual(theirs)
    }
  })

  it('says what is wrong when there is no such link', async () => {
    expect((await runCli('link', 'show', 'id', '4294967295')).code).toBe(1)
    expect((await runCli('link', 'show', 'mine')).code).toBe(2)
  })
})
