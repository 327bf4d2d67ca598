import { execFileSync } from 'node:child_process'
import { failOnLeaks } from '@bpf/fixtures/leaks'
import { createSys, ids } from '@bpf/sys'
import { describe, expect, it } from 'vitest'
import { pinObject } from '../testing/pinned-object'
import { runCli } from '../testing/run-cli'
import { expectToMatchSchema } from '../testing/schema'

/** Lists of ids have no order that means anything. */
function inOrder(btf: Readonly<Record<string, unknown>>) {
  return Object.fromEntries(Object.entries(btf).map(([name, value]) => [name, Array.isArray(value) ? [...value].sort() : value]))
}

describe.skipIf(process.getuid?.() !== 0)('bpf btf list (needs root)', () => {
  const sys = createSys()
  failOnLeaks(kind => ids(sys, kind))

  it('says what types there are, and who uses them', async () => {
    using object = await pinObject('examples/execsnoop.o')
    const all = JSON.parse((await runCli('btf', 'list', '--json')).out.join('\n'))
    expectToMatchSchema(all, 'btf-list')
    expect(all).toContainEqual(expect.objectContaining({ name: 'vmlinux', kernel: true }))
    const [program] = JSON.parse((await runCli('prog', 'show', `${object.directory}/programs/on_exec`, '--json')).out.join('\n'))
    const mine = all.find(({ programIds }: { programIds: readonly number[] }) => programIds.includes(program.id))
    expect(mine).toMatchObject({ id: program.btfId, kernel: false })
    expect((await runCli('btf', 'show', 'id', `${mine.id}`)).out[0]).toBe(`BTF ${mine.id}`)
    expect((await runCli('btf', 'dump', 'id', `${mine.id}`)).out.join('\n')).toContain('struct exec_event')
  })

  it('says the same as bpftool', async () => {
    using object = await pinObject('examples/execsnoop.o')
    const [{ btfId }] = JSON.parse((await runCli('prog', 'show', `${object.directory}/programs/on_exec`, '--json')).out.join('\n'))
    const theirs = JSON.parse(execFileSync('bpftool', ['-j', '-f', 'btf', 'show', 'id', `${btfId}`], { encoding: 'utf8' }))
    const ours = JSON.parse((await runCli('btf', 'show', 'id', `${btfId}`, '--bpftool-json')).out.join('\n'))
    // bpftool lists users in the order of its hash table.
    expect([ours].flat().map(inOrder)).toEqual([theirs].flat().map(inOrder))
  })

  it('says the same of the kernel and its modules', async () => {
    const ofKernel = (all: readonly { readonly kernel: boolean }[]) => all.filter(({ kernel }) => kernel)
    const theirs = JSON.parse(execFileSync('bpftool', ['-j', '-f', 'btf', 'list'], { encoding: 'utf8' }))
    const ours = JSON.parse((await runCli('btf', 'list', '--bpftool-json')).out.join('\n'))
    expect(ofKernel(ours)).toEqual(ofKernel(theirs))
    expect(ofKernel(ours).length).toBeGreaterThan(0)
  })
})
