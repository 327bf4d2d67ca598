import { type BpfObject, createContext, open } from '@bpf/loader'
import { getProgram } from '@bpf/object'
import { formatCall, type TracedCall } from '@bpf/sys'
import type { Io } from '@bpf/terminal'
import { kernelWithBtf } from '../context'
import { type ObjectFile, readNaming, readObjectFile } from '../object-file'
import { changeMap } from './map-change'
import type { ObjectOptions } from './options'
import { parseVariableValue } from './variable-value'

export interface OpenedObject {
  readonly file: ObjectFile
  readonly object: BpfObject
}

/** Opens an object and changes it as the options say. @throws BpfError */
export function openObject(path: string | undefined, options: ObjectOptions, io: Io): OpenedObject {
  const file = readObjectFile(path, io)
  const context = createContext({
    kernel: kernelWithBtf(options.btf, io),
    ...(options.syscalls && { trace: (call: TracedCall) => io.note(io.style('dim', formatCall(call))) }),
  })
  const object = readNaming(file, bytes => open(bytes, { name: file.name, context }))
  for (const { name, value } of options.variables) object.set(name, parseVariableValue(value))
  for (const change of options.mapChanges) changeMap(object.spec, change)
  if (options.only.length > 0) object.only(...options.only)
  for (const name of options.skip) getProgram(object.spec, name).autoLoad = false
  return { file, object }
}
