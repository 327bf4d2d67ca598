import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { failOnLeaks } from '@bpf/fixtures/leaks'
import { createSys, ids } from '@bpf/sys'
import { describe, expect, it } from 'vitest'
import { runCli } from '../testing/run-cli'
import { expectToMatchSchema } from '../testing/schema'

const fixture = (path: string) => fileURLToPath(new URL(`../../../../packages/fixtures/objects/${path}`, import.meta.url))
const json = (out: readonly string[]) => JSON.parse(out.join('\n'))

describe.skipIf(process.getuid?.() !== 0)('bpf feature (needs root)', () => {
  const sys = createSys()
  failOnLeaks(kind => ids(sys, kind))

  it('says of every type whether it is here', async () => {
    const { code, out } = await runCli('feature', '--json')
    const document = json(out)
    expectToMatchSchema(document, 'feature-kernel')
    expect(code).toBe(0)
    expect(document).toMatchObject({ programTypes: { xdp: true }, mapTypes: { ringbuf: true }, abilities: { btf: true }, helpers: null })
  })

  it('prints what is here, what is not, and what could not be told', async () => {
    const { out } = await runCli('feature')
    expect(out.join('\n')).toMatch(/^program types {2}\d+ of \d+\n {2}has {6}socket_filter kprobe /m)
    expect(Math.max(...out.map(line => line.length))).toBeLessThanOrEqual(100)
  })

  it('lists the helpers of a program type', async () => {
    const { out } = await runCli('feature', '--helpers', '--type', 'xdp', '--json')
    const { helpers } = json(out)
    expect(Object.keys(helpers)).toEqual(['xdp'])
    expect(helpers.xdp).toContain('bpf_xdp_adjust_head')
    expect(helpers.xdp).not.toContain('bpf_skb_pull_data')
  })

  it('names the nearest when a program type is misspelt', async () => {
    const { code, notes } = await runCli('feature', '--helpers', '--type', 'sched_clz')
    expect(code).toBe(2)
    expect(notes.join('\n')).toContain('did you mean sched_cls')
  })

  it('prints what bpftool prints, field by field', async () => {
    const { out } = await runCli('feature', '--bpftool-json')
    const ours = json(out)
    const theirs = JSON.parse(execFileSync('bpftool', ['-j', 'feature', 'probe'], { encoding: 'utf8', maxBuffer: 1 << 24 }))
    // Newer than the bpftool at hand, we know more fields.
    const { helpers, ...rest } = theirs
    expect(ours).toMatchObject(rest)
    // An older one takes helpers for available that newer kernels refuse in other words; and it knows no newer ones.
    const known = new Set(Object.values<string[]>(helpers).flat())
    for (const [type, names] of Object.entries<string[]>(helpers)) {
      expect(ours.helpers).toHaveProperty(type)
      if (names.length > 0) expect(names).toEqual(expect.arrayContaining(ours.helpers[type].filter((name: string) => known.has(name))))
    }
  })

  const bpftool = (...args: string[]) => execFileSync('bpftool', args, { encoding: 'utf8', maxBuffer: 1 << 24 })

  it('asks without capabilities, in what bpftool answers and in our own words', async () => {
    const theirs = JSON.parse(bpftool('-j', 'feature', 'probe', 'unprivileged'))
    const ours = json((await runCli('feature', 'probe', 'unprivileged', '--bpftool-json')).out)
    expect(ours).toMatchObject(theirs)
    const document = json((await runCli('feature', '--unprivileged', '--json')).out)
    expect(document).toMatchObject({ programTypes: { xdp: false, kprobe: false }, mapTypes: { cpumap: false } })
    // The capabilities are there again.
    expect(json((await runCli('feature', '--json')).out)).toMatchObject({ programTypes: { xdp: true } })
  })

  it('tries helpers that make the kernel log only when told to', async () => {
    const { out } = await runCli('feature', 'probe', 'full', '--helpers', '--type', 'kprobe', '--json')
    expect(json(out).helpers.kprobe).toContain('bpf_trace_printk')
    expect(json((await runCli('feature', '--helpers', '--type', 'kprobe', '--json')).out).helpers.kprobe).not.toContain('bpf_trace_printk')
  })

  it('prints the macros that bpftool prints', async () => {
    const isHelper = (line: string) => line.includes('__HELPER_bpf_')
    const macros = (text: string) => text.split('\n').filter(line => line.startsWith('#define') && !line.endsWith('\\'))
    const theirs = macros(bpftool('feature', 'probe', 'macros', 'prefix', 'MY_'))
    const ours = macros((await runCli('feature', 'probe', 'macros', 'prefix', 'MY_')).out.join('\n'))
    expect(ours).toEqual(expect.arrayContaining(theirs.filter(line => !isHelper(line))))
    // What an older one takes for available may not be; what both have names for is told by both.
    const nameOf = (line: string) => line.split(' ')[1]
    const names = new Set(ours.map(nameOf))
    expect(theirs.map(nameOf).filter(name => !names.has(name))).toEqual([])
  })

  it('holds an object against this kernel', async () => {
    const { code, out, notes } = await runCli('feature', '--against', fixture('examples/execsnoop.o'), '--json')
    const document = json(out)
    expectToMatchSchema(document, 'feature-against')
    expect(code).toBe(0)
    expect(document.fits).toBe(true)
    expect(document.requirements).toContainEqual({
      kind: 'map type',
      name: 'Ringbuf',
      since: '5.8',
      users: ['events'],
      has: true,
      by: 'probe',
    })
    expect(notes).toEqual([])
  })

  it('ends with 4 when something that an object needs is missing', async () => {
    const { code, out, notes } = await runCli('feature', '--against', fixture('bad/helper.o'))
    expect({ code, first: out[1] }).toMatchObject({ code: 4, first: expect.stringMatching(/^✗ no/) })
    expect(notes.at(-1)).toMatch(/lacks 1 of the \d+ things it needs/)
  })
})
