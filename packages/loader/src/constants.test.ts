import { AttachType, MapFlag, MapType, ProgFlag, ProgType } from '@bpf/object'
import * as sys from '@bpf/sys'
import { describe, expect, it } from 'vitest'

/** The pure packages may not import the system calls, so that both have these tables. They must say the same. */
const tables: Readonly<Record<string, readonly [ours: Readonly<Record<string, number>>, theirs: Readonly<Record<string, number>>]>> = {
  MapType: [MapType, sys.MapType],
  ProgType: [ProgType, sys.ProgType],
  AttachType: [AttachType, sys.AttachType],
  MapFlag: [MapFlag, sys.MapFlag],
  ProgFlag: [ProgFlag, sys.ProgFlag],
}

describe('kernel constants of @bpf/object and @bpf/sys', () => {
  for (const [table, [ours, theirs]] of Object.entries(tables)) {
    it(`${table}: the same name is the same number`, () => {
      const shared = Object.keys(ours).filter(name => name in theirs)
      expect(shared).not.toEqual([])
      expect(shared.map(name => [name, ours[name]])).toEqual(shared.map(name => [name, theirs[name]]))
    })

    it(`${table}: @bpf/sys knows every number that @bpf/object has`, () => {
      const known = new Set(Object.values(theirs))
      expect(Object.entries(ours).filter(([, value]) => !known.has(value))).toEqual([])
    })
  }
})
