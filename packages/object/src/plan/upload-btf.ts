import { type BtfFeatures, parseBtf, sanitiseBtf } from '@bpf/btf'
import type { ObjectSpec, ProgramSpec } from '../spec'
import type { Target, TargetFeature } from '../target'
import { completeDatasecs, resizeDatasec } from './btf-datasecs'
import { BtfEdit } from './btf-edit'
import { describeExterns } from './btf-externs'
import { hideFunctions } from './btf-functions'
import { type ContextClones, cloneContextFunctions } from './context-arguments'

/** BTF for the kernel. */
export interface UploadBtf {
  readonly bytes: Uint8Array
  /** What was changed for the target, one line each. */
  readonly changes: readonly string[]
  readonly contextClones: ContextClones
  /** Maps that were resized in a way that BTF cannot follow. */
  readonly unfitMaps: ReadonlySet<string>
}

const features: Readonly<Record<keyof BtfFeatures, TargetFeature>> = {
  func: 'btfFunc',
  globalFunc: 'btfGlobalFunc',
  datasec: 'btfDatasec',
  float: 'btfFloat',
  declTag: 'btfDeclTag',
  typeTag: 'btfTypeTag',
  enum64: 'btfEnum64',
  questionMarkDatasec: 'btfQuestionMarkDatasec',
  layout: 'btfLayout',
}

/**
 * Completes the object's BTF with what only ELF and the loader know, and takes out what the target does not. Ids stay.
 * Undefined when the object has none or the target takes none.
 *
 * @param programs Those that are loaded.
 * @throws BtfError, BtfBuildError: the BTF is damaged, or cannot be expressed for that target.
 */
export function uploadBtf(spec: ObjectSpec, target: Target, programs: readonly ProgramSpec[]): UploadBtf | undefined {
  if (spec.btf === undefined || target.has('btf') === false) return undefined
  const edit = new BtfEdit(spec.btf)
  completeDatasecs(edit, spec)
  describeExterns(edit, spec)
  hideFunctions(edit, spec)
  const unfitMaps = new Set(dataMapsOf(spec).flatMap(map => (resizeDatasec(edit, map) ? [] : [map.name])))
  const contextClones = cloneContextFunctions(edit, target, programs)
  const { bytes: sanitised, changes } = sanitiseBtf(parseBtf(edit.toBytes()), knownFeatures(target))
  return { bytes: sanitised, changes, contextClones, unfitMaps }
}

function dataMapsOf({ maps }: ObjectSpec) {
  return maps.filter(({ origin, valueTypeId }) => origin.kind === 'data' && origin.access !== 'kconfig' && valueTypeId !== 0)
}

/** Asked when a type depends on it, once. What cannot be told counts as known. */
function knownFeatures(target: Target): BtfFeatures {
  const known = {}
  for (const [name, feature] of Object.entries(features)) {
    let answer: boolean | undefined
    const get = () => {
      answer ??= target.has(feature) !== false
      return answer
    }
    Object.defineProperty(known, name, { get })
  }
  return known as BtfFeatures
}
