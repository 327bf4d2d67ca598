/**
 * Read a compiled BPF object, relocate it and plan its load; pure TypeScript, needs no kernel.
 *
 * @module @bpf/object
 */

export { AttachType } from './constants/attach-type'
export { MapFlag, ProgFlag } from './constants/flags'
export { isMapInMap, MapType } from './constants/map-type'
export { ProgType } from './constants/prog-type'
export { CORE_POISON, CoreError, type CoreErrorCode, kindName, minimiseFor } from './core'
export { corePath } from './core/core-path'
export { cloneMap, cloneSpec } from './edit/clone-spec'
export { getMap, getProgram, getVariable, variableAt } from './edit/find'
export { renameMap, replaceMap } from './edit/maps'
export { dropProgram, renameProgram, retarget } from './edit/programs'
export { findRecordType, isEventBuffer, keepType, recordTypeCandidates, setRecordType } from './edit/record-types'
export { resizeDataSection } from './edit/resize-data-section'
export { getVariableValue, setVariable } from './edit/variables'
export { explain } from './explain/explain'
export type * from './explain/step'
export { type GenTypesOptions, genTypes, type ObjectPlace } from './gen-types/gen-types'
export { linkObjects, type ObjectFileInput } from './link-objects/link-objects'
export { newMap } from './new-map'
export { ObjectError, type ObjectErrorCode, type ObjectErrorFields } from './object-error'
export {
  InstructionPlanError,
  KFUNC_POISON,
  MAP_POISON,
  PlanError,
  type PlanErrorCode,
  type PlanOptions,
  ProgramPlanError,
  plan,
} from './plan'
export type * from './plan-types'
export { type ReadObjectOptions, readObject } from './read/read-object'
export { type RecordVariants, recordTypeOf, recordVariants } from './record-type'
export { lowestKernel, type Requirement, requirementsOf } from './requirements/requirements'
export { matchSection, type SectionMatch, tailCallIndexOf } from './sections/match-section'
export { oldSectionRows, type SectionFlag, type SectionRow, sectionRows } from './sections/section-table'
export type * from './spec'
export type * from './target'
export { fileTarget, type TargetFiles, versionCode } from './target-file'
