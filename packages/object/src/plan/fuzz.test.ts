import { BpfError } from '@bpf/bytes'
import { fuzz, fuzzSettings, readFixture } from '@bpf/fixtures'
import { expect, it } from 'vitest'
import { readObject } from '../read/read-object'
import type { ObjectSpec } from '../spec'
import { fileTarget, type TargetFiles } from '../target-file'
import { plan } from './plan'

const objects = [
  'core/fields.o',
  'core/types.o',
  'core/bitfields.o',
  'object/functions.o',
  'object/externs.o',
  'object/struct-ops.o',
  'object/arena.o',
  'object/jump-table.o',
  'object/data.o',
  'object/maps.o',
]

const isExpected = (error: unknown) => error instanceof BpfError

/** Plans for a kernel that has everything and for one that has next to nothing. */
function planFor(spec: ObjectSpec, vmlinux: TargetFiles['vmlinux']): void {
  const { littleEndian } = spec
  for (const version of ['7.2', '4.18']) {
    const { programs } = plan(spec, fileTarget({ version, vmlinux, littleEndian, kconfig: 'CONFIG_HZ=250\n' }), { keepGoing: true })
    for (const program of programs) if (program.error === undefined) expect(program.source.length).toBeGreaterThanOrEqual(0)
  }
}

it('plans anything that can be read, or says what is wrong with it', { timeout: 0 }, async () => {
  const inputs = await Promise.all(objects.map(readFixture))
  const kernel = readObject(await readFixture('core/fields-target.o')).btf
  const parse = (bytes: Uint8Array) => planFor(readObject(bytes), kernel)
  const { accepted, rejected } = fuzz({ name: 'planning', ...fuzzSettings(1000), inputs, parse, isExpected, maxMilliseconds: 200 })
  expect(accepted).toBeGreaterThan(0)
  expect(rejected).toBeGreaterThan(0)
})

it('plans for a kernel whose BTF is damaged: programs fail, the plan does not', { timeout: 0 }, async () => {
  const names = ['fields', 'types', 'bitfields', 'candidates']
  const programs = await Promise.all(names.map(async name => readObject(await readFixture(`core/${name}.o`))))
  const targets = await Promise.all(
    names.map(async name => readObject(await readFixture(`core/${name}-target.o`)).btf?.bytes ?? new Uint8Array()),
  )
  const parse = (bytes: Uint8Array) => {
    for (const program of programs) planFor(program, bytes)
  }
  const { rejected } = fuzz({
    name: 'planning for damaged BTF',
    ...fuzzSettings(300),
    inputs: targets,
    parse,
    isExpected,
    maxMilliseconds: 200,
  })
  expect(rejected).toBe(0)
})
