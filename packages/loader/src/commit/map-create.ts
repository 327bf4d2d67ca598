import { decodeCString } from '@bpf/bytes'
import { programDigest } from '@bpf/insn'
import { type BpfMap, shapeProblem } from '@bpf/maps'
import type { MapPlan } from '@bpf/object'
import { duplicateFd, Errno, type Fd, isSyscallError, LogLevel, type MapCreateOptions, mapCreate, type OwnedFd } from '@bpf/sys'
import { LoadError } from '../errors'
import { missingMapFeature } from '../missing-feature'
import { refusal } from '../refusal'
import { placeArena } from './arena'
import { type CreatedMap, foundMap } from './created-map'
import { initialise } from './map-contents'
import { openModuleBtf } from './module-btf'
import { obtainMap, pinPathOf } from './pinned-map'
import { byToken, type Session } from './session'
import { signedCode } from './signed-code'

/** Creates one map: template of inner maps, the map itself, its contents; or opens the one that is pinned. @throws LoadError, PinError */
export function createMap(session: Session, planned: MapPlan): CreatedMap {
  const answer = session.options.onMap?.(planned)
  if (answer !== undefined && 'use' in answer) return foundMap(session.context, planned, ownFd(session, answer.use))
  const plan = answer ?? planned
  const path = pinPathOf(plan, session.options.pinDirectory)
  const create = () => createAsPlanned(session, plan)
  return path === undefined ? create() : obtainMap(session, plan, path, create)
}

function ownFd({ context }: Session, map: BpfMap | OwnedFd): OwnedFd {
  return 'shape' in map ? duplicateFd(context.sys, map.fd, `map "${map.name}"`) : map
}

function createAsPlanned(session: Session, planned: MapPlan): CreatedMap {
  const plan = placeArena(session.context.sys, planned)
  const inner = plan.inner && createAsPlanned(session, plan.inner)
  try {
    const fd = createWithFallback(session, plan, inner?.fd.fd)
    return { plan, shape: plan, fd, memory: initialise(session.context, plan, fd), created: true }
  } finally {
    inner?.memory?.close()
    inner?.fd.close()
  }
}

/** The kernel takes BTF for some map types only, and older ones for fewer: a refusal is tried once more without. */
function createWithFallback(session: Session, plan: MapPlan, innerMapFd: Fd | undefined): OwnedFd {
  try {
    return create(session, plan, innerMapFd)
  } catch (error) {
    if (session.btfFd === undefined || (plan.keyTypeId === 0 && plan.valueTypeId === 0)) throw explain(session, plan, innerMapFd, error)
  }
  const withoutBtf = { ...session, btfFd: undefined }
  try {
    return create(withoutBtf, plan, innerMapFd)
  } catch (error) {
    throw explain(withoutBtf, plan, innerMapFd, error)
  }
}

function create(session: Session, plan: MapPlan, innerMapFd: Fd | undefined, log?: MapCreateOptions['log']): OwnedFd {
  const { sys, kernel } = session.context
  const { vmlinuxValueType } = plan
  const moduleBtf = vmlinuxValueType?.module === undefined ? undefined : openModuleBtf(sys, vmlinuxValueType.module)
  try {
    return mapCreate(sys, {
      type: plan.type,
      keySize: plan.keySize,
      valueSize: plan.valueSize,
      maxEntries: plan.maxEntries,
      name: kernel.has('programName') === false ? undefined : plan.kernelName,
      numaNode: plan.numaNode,
      ifindex: plan.ifindex,
      mapExtra: plan.mapExtra,
      innerMapFd,
      exclProgHash: exclusiveTo(session, plan),
      log,
      ...byToken(session, plan.flags),
      ...typesOf(session, plan),
      ...(moduleBtf === undefined ? {} : { valueTypeBtfObjFd: moduleBtf.fd }),
    })
  } finally {
    moduleBtf?.close()
  }
}

function typesOf({ btfFd }: Session, { keyTypeId, valueTypeId, vmlinuxValueType }: MapPlan): Partial<MapCreateOptions> {
  if (vmlinuxValueType !== undefined) return { btfFd, btfVmlinuxValueTypeId: vmlinuxValueType.typeId }
  return btfFd === undefined ? {} : { btfFd, btfKeyTypeId: keyTypeId, btfValueTypeId: valueTypeId }
}

/** SHA-256 of the one program that may use the map, as the kernel will compute it. */
function exclusiveTo({ plan, options }: Session, { name }: MapPlan): Uint8Array | undefined {
  const owner = options.exclusive?.[name]
  if (owner === undefined) return undefined
  const program = plan.programs.find(candidate => candidate.name === owner)
  if (program === undefined || program.error !== undefined) {
    throw new LoadError({ stage: 'map', subject: name, problem: `is exclusive to program "${owner}", which is not loaded` })
  }
  const signed = options.programs?.[owner]?.signature !== undefined
  return programDigest(signed ? signedCode(program) : program.code, plan.littleEndian)
}

function explain(session: Session, plan: MapPlan, innerMapFd: Fd | undefined, error: unknown): unknown {
  if (!isSyscallError(error)) return error
  const { sys, kernel } = session.context
  const hint = hintFor(plan, error.errno, kernel.pageSize) ?? wordsOfKernel(session, plan, innerMapFd)
  return refusal(sys, {
    stage: 'map',
    subject: plan.name,
    action: 'be created',
    error,
    missingFeature: () => missingMapFeature(kernel, plan),
    hint,
  })
}

/** What the kernel says when it is asked once more with room for an answer, as it can be since 7.2; it does not always. */
function wordsOfKernel(session: Session, plan: MapPlan, innerMapFd: Fd | undefined): string | undefined {
  if (session.context.kernel.has('commonAttributes') !== true) return undefined
  const buffer = new Uint8Array(1024)
  try {
    create(session, plan, innerMapFd, { buffer, level: LogLevel.Basic }).close()
  } catch (error) {
    if (!isSyscallError(error)) throw error
  }
  const words = decodeCString(buffer).trim()
  return words === '' ? undefined : `the kernel says: ${words}`
}

function hintFor(plan: MapPlan, errno: number, pageSize: number): string | undefined {
  if (errno === Errno.ENOMEM || errno === Errno.E2BIG)
    return `there is no memory for so much: max_entries ${plan.maxEntries}, value_size ${plan.valueSize}`
  if (errno !== Errno.EINVAL) return undefined
  if (plan.maxEntries === 0) return 'its max_entries is 0: the program that uses this object sets it before loading'
  if (plan.valueSize === 0 && plan.keySize !== 0) return 'its value_size is 0: the program that uses this object sets it before loading'
  return shapeProblem(plan, pageSize)
}
