import { rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { BpfError, nearNames } from '@bpf/bytes'
import { type BpfObject, type LoadEvent, type LoadedObject, type LoadedProgram, type MapHook, open } from '@bpf/loader'
import { checkPinDirectory, checkPinPath, compareShapes, makePinDirectory, pinObject, shapeOfInfo } from '@bpf/maps'
import { getMap, type MapPlan, matchSection, sectionRows } from '@bpf/object'
import { getMapInfo, interfaceIndex, type OwnedFd, ProgFlag } from '@bpf/sys'
import { ExitCode, type Io, toJson, UsageError } from '@bpf/terminal'
import { type KernelContext, kernelWithBtf, withKernel } from '../context'
import { parseAssignment } from '../load/options'
import { parseVariableValue } from '../load/variable-value'
import { readNaming, readObjectFile } from '../object-file'
import { pinDirectory, pinIn } from '../objects/pin-directory'
import { type ListColumn, nothing, printTable } from '../objects/print'
import { openOne } from '../selector'
import { type LoadWordOptions, type LoadWords, type MapReuse, parseLoadWords } from './load-words'

/** A line of `bpf prog load`, an element of its JSON: something that stays, and by which path. */
export interface PinnedThing {
  readonly kind: 'program' | 'link' | 'map'
  readonly name: string
  readonly id: number | null
  readonly path: string
}

interface Invocation {
  readonly positionals: readonly string[]
  readonly options: LoadWordOptions & { readonly set: readonly string[]; readonly json: boolean }
  readonly io: Io
}

/** `bpf prog load OBJ PATH` pins the first program, `bpf prog loadall OBJ DIR` all. */
export function runProgLoad(which: 'first' | 'all', { positionals, options, io }: Invocation): Promise<number> {
  const [path, pin, ...rest] = positionals
  if (path === undefined || pin === undefined) {
    throw new UsageError('which object, and where to?', which === 'all' ? 'bpf prog loadall OBJ DIR' : 'bpf prog load OBJ PATH')
  }
  const words = parseLoadWords(rest, options, io)
  const file = readObjectFile(path, io)
  return withKernel(
    context => {
      const object = readNaming(file, bytes => open(bytes, { name: file.name, context }))
      for (const { name, value } of options.set.map(parseAssignment)) object.set(name, parseVariableValue(value))
      if (words.type !== undefined) setType(object, words.type)
      const request = pinRequest(which, pin, words, io)
      const shared: PinnedThing[] = []
      using loaded = load(context, object, words, thing => shared.push(thing))
      const pinned = pinWhatStays(context, loaded, { ...request, shared })
      for (const warning of loaded.warnings) io.note(io.style('yellow', `warning: ${warning}`))
      if (options.json) io.out(toJson(pinned))
      else printPinned(pinned, io)
      return ExitCode.Ok
    },
    kernelWithBtf(words.btf, io),
  )
}

export function printPinned(pinned: readonly PinnedThing[], io: Io): void {
  printTable(pinnedColumns, pinned, io)
}

const pinnedColumns: readonly ListColumn<PinnedThing>[] = [
  { title: 'KIND', cell: ({ kind }) => kind },
  { title: 'NAME', cell: ({ name }) => name },
  { title: 'ID', cell: ({ id }) => (id === undefined || id === null ? nothing : String(id)) },
  { title: 'PINNED AT', keep: 'end', cell: ({ path }) => path },
]

/** Of all programs, in the words of section names: `xdp`, `cgroup/connect4`. @throws UsageError with near names */
function setType({ spec }: BpfObject, name: string): void {
  const match = matchSection(name)
  if (match === undefined) {
    const near = nearNames(
      name,
      sectionRows.map(([pattern]) => pattern.replace(/[+/]$/, '')),
    )
    throw new UsageError(
      `type ${name}: there is no such type`,
      near.length > 0 ? `did you mean ${near.join(' or ')}?` : 'xdp, tc, cgroup/connect4, …',
    )
  }
  const { type, expectedAttachType, loadFlags, target } = match
  for (const program of spec.programs) {
    Object.assign(program, {
      type,
      expectedAttachType,
      flags: program.flags | loadFlags,
      ...(target !== undefined && { attachTarget: target }),
    })
  }
}

/** Maps that the object shares by name are found or pinned where everybody does it; `onPin` is told of new ones. */
function load(
  context: KernelContext,
  object: BpfObject,
  { maps, offloadDev, xdpmetaDev }: LoadWords,
  onPin: (thing: PinnedThing) => void,
): LoadedObject {
  const { spec } = object
  const [sharedIn] = context.kernel.bpffs()
  const onEvent = (event: LoadEvent): void => {
    if (event.kind !== 'map' || event.map.pin === undefined || sharedIn === undefined) return
    const { plan, fd } = event.map
    onPin({ kind: 'map', name: plan.name, id: getMapInfo(context.sys, fd.fd).id, path: join(sharedIn, plan.name) })
  }
  const device = offloadDev ?? xdpmetaDev
  const ifindex = device === undefined ? undefined : interfaceIndex(context.sys, device)
  if (xdpmetaDev !== undefined) for (const program of spec.programs) program.flags |= ProgFlag.XdpDevBoundOnly
  const programs = ifindex === undefined ? {} : Object.fromEntries(spec.programs.map(({ name }) => [name, { ifindex }]))
  return object.load({ programs, onMap: reuseHook(context, object, maps), onEvent, pinDirectory: sharedIn })
}

/** @throws ObjectError if the object has no such map */
function reuseHook(context: KernelContext, { spec }: BpfObject, reuses: readonly MapReuse[]): MapHook {
  const byName = new Map(
    reuses.map(({ map, selector }) => {
      const found = typeof map === 'number' ? spec.maps[map] : getMap(spec, map)
      if (found === undefined) throw new UsageError(`map idx ${map}: the object has ${spec.maps.length} maps`)
      return [found.name, selector] as const
    }),
  )
  return plan => {
    const selector = byName.get(plan.name)
    return selector && { use: checked(context, plan, openOne(context, 'map', selector)) }
  }
}

/** Fields without which the object's programs cannot use a map. */
const essential: ReadonlySet<string> = new Set(['type', 'keySize', 'valueSize'])

/** @throws BpfError if it is another kind of map */
function checked({ sys, kernel }: KernelContext, plan: MapPlan, fd: OwnedFd): OwnedFd {
  const info = getMapInfo(sys, fd.fd)
  const machine = { pageSize: sys.native.pageSize, possibleCpus: kernel.possibleCpus }
  const differences = compareShapes(plan, shapeOfInfo(info), machine).filter(({ field }) => essential.has(field))
  if (differences.length === 0) return fd
  fd.close()
  const list = differences.map(({ field, wanted, found }) => `${field} is ${found}, not ${wanted}`).join('; ')
  throw new BpfError('ERR_BPF_MAP_MISMATCH', `map ${info.id} ${info.name} cannot be used for "${plan.name}": ${list}`)
}

interface PinRequest extends LoadWords {
  readonly which: 'first' | 'all'
  readonly path: string
  /** Pins of maps that were made by loading. */
  readonly shared: readonly PinnedThing[]
  readonly io: Io
}

/** @throws PinError if nothing could be pinned there, which is better known before anything is loaded */
function pinRequest(which: PinRequest['which'], pin: string, words: LoadWords, io: Io): Omit<PinRequest, 'shared'> {
  const path = io.resolvePath(pin)
  if (which === 'first') checkPinPath(path)
  else checkPinDirectory(path)
  return { ...words, which, path, pinmaps: pinDirectory(words.pinmaps, io), io }
}

/** All or nothing: what was pinned is unpinned when something fails. */
function pinWhatStays(context: KernelContext, loaded: LoadedObject, request: PinRequest): PinnedThing[] {
  const pinned: PinnedThing[] = []
  try {
    const programs = [...loaded.programs.values()]
    if (programs.length === 0) throw new BpfError('ERR_BPF_NOT_FOUND', 'the object has no program to load')
    for (const program of request.which === 'first' ? programs.slice(0, 1) : programs) {
      const path = request.which === 'first' ? request.path : pinIn(request.path, program.name)
      pinned.push(pinProgram(context, program, path, request))
    }
    if (request.pinmaps !== undefined) {
      for (const [name, { fd }] of loaded.maps) {
        const path = pinIn(request.pinmaps, name)
        pinObject(context.sys, fd, path)
        pinned.push({ kind: 'map', name, id: getMapInfo(context.sys, fd).id, path })
      }
    }
    return [...pinned, ...request.shared]
  } catch (error) {
    for (const { path } of [...pinned, ...request.shared]) rmSync(path, { force: true })
    throw error
  }
}

/** The program, or with `autoattach` its link; programs whose sections name no hook stay unattached. */
function pinProgram({ sys }: KernelContext, program: LoadedProgram, path: string, { autoattach, io }: PinRequest): PinnedThing {
  const { name } = program
  const attachment = autoattach ? program.attach() : undefined
  if (attachment?.kind === 'attached') {
    using link = attachment.link
    makePinDirectory(dirname(path))
    link.pin(path)
    return { kind: 'link', name, id: link.id ?? null, path }
  }
  if (attachment !== undefined) io.note(`${name} is not attached: ${attachment.reason}`)
  pinObject(sys, program.fd, path)
  return { kind: 'program', name, id: program.info().id, path }
}
