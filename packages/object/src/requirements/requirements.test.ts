import { readFixture } from '@bpf/fixtures'
import { describe, expect, it } from 'vitest'
import { readObject } from '../read/read-object'
import { lowestKernel, requirementsOf } from './requirements'

async function requirementsIn(path: string) {
  const requirements = requirementsOf(readObject(await readFixture(path)))
  const versions = Object.fromEntries(requirements.map(({ name, since }) => [name, since]))
  return { requirements, versions, lowest: lowestKernel(requirements) }
}

describe('what an object needs of a kernel', () => {
  it('is what its maps, program types and helpers came with', async () => {
    const { versions, lowest, requirements } = await requirementsIn('examples/execsnoop.o')
    expect(versions).toMatchObject({ Ringbuf: '5.8', Tracepoint: '4.7', bpf_ringbuf_reserve: '5.8', 'global variables': '5.2' })
    expect(lowest).toBe('5.8')
    expect(requirements.find(({ name }) => name === 'Ringbuf')).toEqual({
      kind: 'map type',
      name: 'Ringbuf',
      since: '5.8',
      users: ['events'],
    })
  })

  it('is next to nothing for an object of the old days', async () => {
    expect((await requirementsIn('legacy/tail-calls.o')).lowest).toBe('4.2')
  })

  it('counts older helpers that planning would put in the place of newer ones', async () => {
    const { versions } = await requirementsIn('examples/execsnoop.o')
    expect(versions['bpf_probe_read_kernel']).toBe('4.1')
  })

  it('sees through functions that programs call', async () => {
    const { versions } = await requirementsIn('checks/callbacks.o')
    expect(versions).toMatchObject({ callbacks: '5.13' })
    expect((await requirementsIn('checks/subprograms.o')).versions['calls of other functions']).toBe('4.16')
  })

  it('lists the newest first', async () => {
    const { requirements, lowest } = await requirementsIn('object/jump-table.o')
    expect(requirements[0]?.since).toBe(lowest)
    expect(lowest).toBe('6.19')
  })

  it('is nothing for programs that are not to be loaded', async () => {
    const spec = readObject(await readFixture('legacy/programs.o'))
    for (const program of spec.programs) program.autoLoad = false
    expect(new Set(requirementsOf(spec).map(({ kind }) => kind))).toEqual(new Set(['map type']))
  })
})
