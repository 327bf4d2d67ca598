import { BpfError } from '@bpf/bytes'
import { type BpfObject, type Context, createContext, open } from '@bpf/loader'
import { getProgram } from '@bpf/object'
import { formatCall } from '@bpf/sys'
import type { Io } from '@bpf/terminal'
import { type ObjectFile, readObjectFile } from '../object-file'
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
  const context = createContext(options.syscalls ? { trace: call => io.note(io.style('dim', formatCall(call))) } : {})
  const object = openNaming(file, context)
  for (const { name, value } of options.variables) object.set(name, parseVariableValue(value))
  for (const change of options.mapChanges) changeMap(object.spec, change)
  if (options.only.length > 0) object.only(...options.only)
  for (const name of options.skip) getProgram(object.spec, name).autoLoad = false
  return { file, object }
}

/** What is wrong with a file is said of the file. */
function openNaming(file: ObjectFile, context: Context): BpfObject {
  try {
    return open(file.bytes, { name: file.name, context })
  } catch (error) {
    if (!(error instanceof BpfError)) throw error
    throw new BpfError(error.code, `${file.path}: ${error.message}`, { hint: error.hint, cause: error })
  }
}
