import { describe, expect, it } from 'vitest'
import { AttachType } from '../constants/attach-type'
import { ProgFlag } from '../constants/flags'
import { ProgType } from '../constants/prog-type'
import { buildObject, code, func } from '../testing/build-object'
import { readSpec } from '../testing/read-fixture'
import { readObject } from './read-object'

const programIn = (section: string) => {
  const { programs, warnings } = readObject(
    buildObject({ sections: { [section]: code('r0 = 0\nexit') }, symbols: [func('f', section, 0, 16)] }),
  )
  return { ...programs[0], warnings }
}

describe('programs', () => {
  it('get everything from their section', () => {
    expect(programIn('?fentry.s/vfs_read')).toEqual({
      name: 'f',
      section: '?fentry.s/vfs_read',
      pattern: 'fentry.s+',
      looseSection: false,
      type: ProgType.Tracing,
      expectedAttachType: AttachType.TraceFentry,
      attachTarget: 'vfs_read',
      flags: ProgFlag.Sleepable,
      autoLoad: false,
      optional: false,
      tailCallIndex: undefined,
      license: undefined,
      function: 'f',
      warnings: [],
    })
  })

  it('have no type in an unknown section', () => {
    expect(programIn('encap_gre')).toMatchObject({ pattern: undefined, type: 0, expectedAttachType: 0, attachTarget: undefined })
  })

  it('in loosely named sections come with a warning', () => {
    expect(programIn('xdp_drop')).toMatchObject({
      ...{ pattern: 'xdp', type: ProgType.Xdp, looseSection: true },
      warnings: ['program "f": section xdp_drop is taken for xdp, as loaders before libbpf 1.0 did'],
    })
  })

  it('are missed where every function lacks a section', () => {
    expect(programIn('.text')).toEqual({ warnings: ['there is no program: SEC("…") is missing before f, which nothing can call'] })
    expect(readObject(buildObject({ sections: {} })).warnings).toEqual([])
  })

  it('with a number after the slash go into a slot, and are attached to nothing', () => {
    expect(programIn('kprobe/7')).toMatchObject({ type: ProgType.Kprobe, tailCallIndex: 7, attachTarget: undefined, warnings: [] })
    expect(programIn('socket/3')).toMatchObject({ type: ProgType.SocketFilter, tailCallIndex: 3, looseSection: true, warnings: [] })
  })

  it('of old objects are all recognised', async () => {
    const types = async (fixture: string) => (await readSpec(fixture)).programs.map(({ section, type }) => [section, type !== 0])
    expect(await types('legacy/programs')).toHaveLength(12)
    for (const fixture of ['legacy/programs', 'legacy/numbered-names', 'legacy/tail-calls']) {
      expect((await types(fixture)).filter(([, known]) => !known)).toEqual([])
    }
  })
})
