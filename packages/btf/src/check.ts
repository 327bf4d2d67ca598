import { BtfError } from './errors'
import { resolve } from './resolve'
import { type AlignmentCache, alignOf } from './size'
import type { Btf, BtfType } from './types'

/**
 * Reads every type of a blob, its base's not: names and references that `parseBtf` leaves until they are asked for, what the
 * kernel wants functions and sections to refer to, and that nothing contains itself.
 *
 * @throws BtfError the first thing that is wrong
 */
export function checkBtf(btf: Btf): void {
  const alignments: AlignmentCache = new Map()
  for (let id = btf.startId; id < btf.endId; id++) {
    const type = btf.type(id)
    resolve(btf, id)
    alignOf(btf, id, alignments)
    checkReferences(btf, type)
  }
}

function checkReferences(btf: Btf, type: BtfType): void {
  const expect = (id: number, ...kinds: BtfType['kind'][]): void => {
    const { kind } = btf.type(id)
    if (kinds.includes(kind)) return
    throw new BtfError(`type ${type.id} (${type.kind} ${type.name}) refers to a ${kind}, not to a ${kinds.join(' or ')}`, {
      typeId: type.id,
    })
  }
  if (type.kind === 'func') expect(type.type, 'funcProto')
  // Functions are in sections of what is defined elsewhere.
  if (type.kind === 'datasec') for (const variable of type.variables) expect(variable.type, 'var', 'func')
}
