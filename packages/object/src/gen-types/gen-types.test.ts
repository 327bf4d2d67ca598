import { readFixture } from '@bpf/fixtures'
import { describe, expect, it } from 'vitest'
import { setRecordType } from '../edit/record-types'
import { readSpec } from '../testing/read-fixture'
import { genTypes } from './gen-types'

const beside = (name: string) => ({ object: { kind: 'beside', path: `./${name}.o` } }) as const

describe('genTypes', () => {
  it.each(['examples/execsnoop', 'features/map-kinds', 'features/ring-kinds', 'checks/globals', 'legacy/static-map'])(
    '%s',
    async fixture => {
      const spec = await readSpec(fixture)
      await expect(genTypes(spec, beside(spec.name))).toMatchFileSnapshot(`golden/${spec.name}.ts.txt`)
    },
  )

  it('embeds the object as it is', async () => {
    const bytes = await readFixture('examples/execsnoop.o')
    const text = genTypes(await readSpec('examples/execsnoop'), { object: { kind: 'embedded', bytes } })
    const [, base64 = ''] = /const base64 =\n {2}'([A-Za-z0-9+/=]+)'/.exec(text) ?? []
    expect(Uint8Array.from(atob(base64), character => character.charCodeAt(0))).toEqual(bytes)
  })

  it('opens the object with the types of records that were said', async () => {
    const spec = await readSpec('features/untyped-records')
    setRecordType(spec, 'events', 'event')
    const text = genTypes(spec, beside('untyped-records'))
    expect(text).toContain('readonly events: Event\n')
    expect(text).toContain("{ name: 'untyped-records', ...options })\n    .recordType('events', 'struct event')\n}")
  })

  it('leaves a name to the type that has it in C', async () => {
    const spec = await readSpec('examples/execsnoop')
    spec.name = 'exec_event'
    const text = genTypes(spec, beside('exec_event'))
    expect(text).toContain('export interface ExecEvent {')
    expect(text).toContain('readonly events: ExecEvent\n')
    expect(text).toContain('export interface ExecEventObject {')
    expect(text).toContain('): BpfObject<ExecEventObject> {')
  })

  it('quotes names that are no identifiers, and lets none of them become code', async () => {
    const spec = await readSpec('examples/execsnoop')
    const [program] = spec.programs
    if (program) program.name = "it's */ \n \\"
    spec.name = '*/ process.exit() /*'
    const text = genTypes(spec, beside('a'))
    expect(text).toContain(String.raw`readonly programs: 'it\'s */ \n \\' |`)
    expect(text).toContain('/** What ProcessExit contains. */\nexport interface ProcessExit {')
  })
})
