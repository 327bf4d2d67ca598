import type { MapSpec, ObjectSpec } from '../spec'

/** A copy that can be changed without changing the original. Only what nobody changes is shared: code, tables, BTF. */
export function cloneSpec(spec: ObjectSpec): ObjectSpec {
  return {
    ...spec,
    maps: spec.maps.map(cloneMap),
    programs: spec.programs.map(program => ({ ...program })),
    functions: [...spec.functions],
    variables: [...spec.variables],
    externs: [...spec.externs],
    structOps: [...spec.structOps],
    jumpTables: [...spec.jumpTables],
    warnings: [...spec.warnings],
  }
}

/** A copy of a map's definition, its initial contents included. */
export function cloneMap(map: MapSpec): MapSpec {
  return {
    ...map,
    inner: map.inner && cloneMap(map.inner),
    slots: map.slots.map(slot => ({ ...slot })),
    contents: map.contents && new Uint8Array(map.contents),
  }
}
