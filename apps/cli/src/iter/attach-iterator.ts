import { attachIter, type IterLink, type IterTarget } from '@bpf/attach'
import { BpfError, nearNames } from '@bpf/bytes'
import { type BpfObject, type LoadedObject, type LoadedProgram, open } from '@bpf/loader'
import { AttachType, ProgType } from '@bpf/sys'
import { type Io, type OptionValues, UsageError } from '@bpf/terminal'
import type { KernelContext } from '../context'
import { parseAssignment } from '../load/options'
import { parseVariableValue } from '../load/variable-value'
import { readNaming, readObjectFile } from '../object-file'
import { openOne, takeSelector } from '../selector'
import type { iterOptions } from './options'

export interface IterRequest {
  readonly path: string
  /** The object's only iterator unless given. */
  readonly program: string | undefined
  readonly options: OptionValues<typeof iterOptions>
}

export interface AttachedIterator extends Disposable {
  readonly program: LoadedProgram
  readonly link: IterLink
}

/** Loads one iterator of an object, and attaches it to what the options say. @throws BpfError */
export function attachIterator(context: KernelContext, request: IterRequest, io: Io): AttachedIterator {
  const { options } = request
  const target = targetOf(options)
  const file = readObjectFile(request.path, io)
  const object = readNaming(file, bytes => open(bytes, { name: file.name, context }))
  for (const { name, value } of options.set.map(parseAssignment)) object.set(name, parseVariableValue(value))
  const name = chooseIterator(object, request)
  const loaded = object.only(name).load()
  try {
    const program = loaded.program(name)
    const link = withMap(context, loaded, options.map, io, map => attachIter(context, program, { ...target, ...map }))
    return {
      program,
      link,
      [Symbol.dispose]() {
        link.close()
        loaded.close()
      },
    }
  } catch (error) {
    loaded.close()
    throw error
  }
}

/** @throws BpfError if there is none, or several and none is named */
function chooseIterator({ spec }: BpfObject, { path, program }: IterRequest): string {
  const iterators = spec.programs.filter(
    ({ type, expectedAttachType }) => type === ProgType.Tracing && expectedAttachType === AttachType.TraceIter,
  )
  const names = iterators.map(({ name }) => name)
  if (program !== undefined) {
    if (names.includes(program)) return program
    const near = nearNames(program, names)
    const hint = near.length > 0 ? `did you mean ${near.join(' or ')}?` : `it has ${names.join(', ') || 'none'}`
    throw new BpfError('ERR_BPF_NOT_FOUND', `${path} has no iterator ${program}`, { hint })
  }
  const [only, ...others] = names
  if (only === undefined)
    throw new BpfError('ERR_BPF_NOT_FOUND', `${path} has no iterator`, { hint: 'such programs are in sections iter/…' })
  if (others.length > 0) throw new UsageError(`${path} has ${names.length} iterators: which one?`, `one of ${names.join(', ')}`)
  return only
}

function targetOf({ cgroup, order, pid, tid }: IterRequest['options']): IterTarget {
  if (order !== undefined && cgroup === undefined) throw new UsageError('--order is about cgroups', 'add --cgroup PATH')
  return {
    ...(cgroup !== undefined && { cgroup }),
    ...(order !== undefined && { order: order as NonNullable<IterTarget['order']> }),
    ...(pid !== undefined && { pid: processNumber('pid', pid) }),
    ...(tid !== undefined && { tid: processNumber('tid', tid) }),
  }
}

function processNumber(option: string, text: string): number {
  if (!/^[1-9]\d{0,9}$/.test(text)) throw new UsageError(`--${option} ${text}: not a number`)
  return Number(text)
}

/** The link holds on to the map: ours may be closed. */
function withMap<T>(
  context: KernelContext,
  loaded: LoadedObject,
  name: string | undefined,
  io: Io,
  attach: (target: Pick<IterTarget, 'map'>) => T,
): T {
  if (name === undefined) return attach({})
  const own = loaded.maps.get(name)
  if (own !== undefined) return attach({ map: own })
  using found = openOne(context, 'map', takeSelector(name.split(' '), 'map', io).selector)
  return attach({ map: found })
}
