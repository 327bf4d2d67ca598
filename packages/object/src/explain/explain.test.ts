import { readFixture } from '@bpf/fixtures'
import { describe, expect, it } from 'vitest'
import { plan } from '../plan'
import { readObject } from '../read/read-object'
import { fileTarget } from '../target-file'
import { explain } from './explain'
import type { ExplainStep } from './step'

/** Steps of an object on a kernel of this version whose types are those of the object itself: everything is found. */
async function stepsOf(path: string, version = '6.12', withTypes = true) {
  const bytes = await readFixture(path)
  const spec = readObject(bytes, { name: 'object' })
  const target = fileTarget({ version, vmlinux: withTypes ? spec.btf : undefined, littleEndian: spec.littleEndian })
  const { steps } = explain(bytes, spec, plan(spec, target, { keepGoing: true }))
  return {
    all: steps,
    of: <K extends ExplainStep['kind']>(kind: K) => steps.filter((step): step is ExplainStep & { kind: K } => step.kind === kind),
  }
}

const phases = ['read', 'create', 'relocate', 'load', 'attach']

describe('the explanation of a load', () => {
  it.each(['examples/execsnoop.o', 'legacy/programs.o', 'object/maps.o', 'object/maps-be.o', 'object/functions.o', 'attach/struct-ops.o'])(
    'tells the phases of %s in order',
    async path => {
      const { all } = await stepsOf(path)
      const order = all.map(step => phases.indexOf(step.phase))
      expect(order).toEqual(order.toSorted((a, b) => a - b))
    },
  )

  it('says what each section is', async () => {
    const { of } = await stepsOf('examples/execsnoop.o')
    const meaning = (name: string) => of('section').find(section => section.name === name)?.meaning
    expect(meaning('tracepoint/sched/sched_process_exec')).toBe('program on_exec of type BPF_PROG_TYPE_TRACEPOINT (rule "tracepoint+")')
    expect(meaning('.rodata')).toContain('frozen')
    expect(of('license')).toEqual([{ phase: 'read', kind: 'license', license: 'GPL', gplCompatible: true, version: 0 }])
  })

  it('names map definitions field by field, and the calls that create them', async () => {
    const { of } = await stepsOf('legacy/map-def-5-fields.o')
    expect(of('map')[0]?.origin).toContain('struct bpf_map_def in section maps')
    expect(of('map')[0]?.fields[0]).toMatchObject({ name: 'type', meaning: expect.stringMatching(/^BPF_MAP_TYPE_/) })
    expect(of('call')[0]).toMatchObject({ command: expect.stringMatching(/^BPF_(?:BTF_LOAD|MAP_CREATE)$/) })
  })

  it('writes, then freezes read-only data', async () => {
    const { of } = await stepsOf('examples/execsnoop.o')
    const calls = of('call').filter(call => call.subject === '.rodata')
    expect(calls.map(call => call.command)).toEqual(['BPF_MAP_CREATE', 'BPF_MAP_UPDATE_ELEM', 'BPF_MAP_FREEZE'])
  })

  it('shows each relocated instruction before and after', async () => {
    const { of } = await stepsOf('examples/execsnoop.o')
    expect(of('reference').find(step => step.refersTo === 'map events')).toMatchObject({
      program: 'on_exec',
      before: 'r1 = 0x0 ll',
      after: 'r1 = map_fd(events) ll',
      source: { text: expect.stringContaining('bpf_ringbuf_reserve(&events') },
    })
  })

  it('names the variable that an address is of, and says of what is weak and not there that it is 0', async () => {
    const explanations = (await stepsOf('features/streams.o', '6.12', false)).of('reference').map(step => step.explanation)
    expect(explanations).toContain('bpf_stream_vprintk is weak, and this kernel has none: it is 0')
    expect(explanations).toContain('BPF_PSEUDO_MAP_VALUE: the address of variable say.text, byte 0 of the value of .rodata')
  })

  it('shows what CO-RE decided, with all candidates', async () => {
    const { of } = await stepsOf('examples/execsnoop.o')
    expect(of('core')[0]).toMatchObject({
      path: 'struct task_struct.tgid',
      question: 'field byte offset',
      before: 4n,
      after: 4n,
      candidates: [{ where: 'vmlinux', mismatch: undefined }],
    })
  })

  it('goes as far as it can when a program cannot be planned', async () => {
    const { of } = await stepsOf('examples/execsnoop.o', '6.12', false)
    expect(of('failure').map(({ program, code }) => [program, code])).toEqual([
      ['on_exec', 'ERR_BPF_CORE_NO_BTF'],
      ['on_exit', 'ERR_BPF_CORE_NO_BTF'],
    ])
    expect(of('core')[0]).toMatchObject({ path: 'struct task_struct.tgid', before: undefined, instructionAfter: undefined })
  })

  it('says where programs are attached, and how to say it where sections do not', async () => {
    const { of } = await stepsOf('legacy/programs.o')
    const attach = (program: string) => of('attach').find(step => step.program === program)
    expect(attach('on_kprobe')?.target).toBe('wake_up_new_task')
    expect(attach('on_xdp')?.needs).toBe('--attach on_xdp=eth0')
  })
})
