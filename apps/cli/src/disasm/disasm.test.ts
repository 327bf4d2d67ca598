import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { readObject } from '@bpf/object'
import { describe, expect, it } from 'vitest'
import { runCli } from '../testing/run-cli'
import { expectToMatchSchema } from '../testing/schema'
import { compiledListings } from './listing'

const objects = new URL('../../../../packages/fixtures/objects/', import.meta.url)
const fixture = (path: string) => fileURLToPath(new URL(path, objects))
const execsnoop = fixture('examples/execsnoop.o')
/** A kernel made of files, so that linked code is the same everywhere. */
const kernel = ['--btf', execsnoop, '--kernel', '6.12']

const disasm = async (...args: string[]) => {
  const { code, out, notes } = await runCli('disasm', ...args)
  return { code, text: out.join('\n'), notes: notes.join('\n') }
}

describe('bpf disasm', () => {
  it('shows code as compiled, with source lines, labels and what instructions refer to', async () => {
    const { code, text } = await disasm(execsnoop, 'on_exec')
    expect(code).toBe(0)
    await expect(`${text}\n`).toMatchFileSnapshot('golden/compiled.txt')
  })

  it('shows a program as the kernel gets it: linked, relocated, with CO-RE applied', async () => {
    const { text } = await disasm(fixture('checks/subprograms.o'), '--linked', '--opcodes', ...kernel)
    await expect(`${text}\n`).toMatchFileSnapshot('golden/linked.txt')
  })

  it('draws control flow for Graphviz and as a picture', async () => {
    expect((await disasm(execsnoop, 'on_exec', '--cfg')).text).toMatch(/^digraph program \{[\s\S]*\}$/)
    expect((await disasm(execsnoop, 'on_exec', '--svg', '--linked', ...kernel)).text).toMatch(/^<svg [\s\S]*<\/svg>$/)
  })

  it.each([[[]], [['on_exit']], [['on_exit', '--linked', ...kernel]]])('prints JSON: %j', async args => {
    const { text } = await disasm(execsnoop, '--json', ...args)
    expectToMatchSchema(JSON.parse(text), 'disasm')
  })

  it.each([
    [['on_exek'], 1, 'did you mean "on_exec"'],
    [['on_exek', '--linked'], 1, 'did you mean "on_exec"'],
    [['--svg'], 2, 'one of on_exec, on_exit'],
    [['--svg', '--json'], 2, '--svg and --json exclude each other'],
  ])('refuses %j', async (args, code, message) => {
    const result = await disasm(execsnoop, ...args)
    expect(result.code).toBe(code)
    expect(result.notes).toContain(message)
  })

  it('says at the instruction what the kernel lacks', async () => {
    const { text } = await disasm(execsnoop, 'on_exec', '--linked', '--btf', fixture('core/fields-target.o'), '--kernel', '6.12')
    expect(text).toContain('<struct task_struct.tgid: 4 to nothing')
  })

  it('says where source lines are whose text the compiler left out', () => {
    const spec = readObject(readFileSync(execsnoop), { name: 'execsnoop' })
    const functions = spec.functions.map(fn => ({ ...fn, lineInfo: fn.lineInfo.map(line => ({ ...line, lineOffset: 0 })) }))
    const [listing] = compiledListings({ ...spec, functions }, 'on_exec')
    expect([...(listing?.source.values() ?? [])][1]?.text).toMatch(/^execsnoop\.bpf\.c:\d+$/)
  })
})
