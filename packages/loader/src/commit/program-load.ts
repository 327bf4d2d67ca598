import type { ProgramPlan } from '@bpf/object'
import {
  type Fd,
  isSyscallError,
  type LoadedProgram as LoadResult,
  littleEndian,
  type OwnedFd,
  ProgLoadError,
  type ProgLoadOptions,
  progBindMap,
} from '@bpf/sys'
import { missingProgramFeature } from '../missing-feature'
import { refusal } from '../refusal'
import { parseVerifierLog } from '../verifier/log'
import { VerifierError } from '../verifier/verifier-error'
import { openModuleBtf } from './module-btf'
import { loadWithLog } from './program-log'
import { byToken, type Session } from './session'
import { mapsOfSigned, signedCode } from './signed-code'
import { functionInProgram } from './target-program'

/** Descriptor of a map of the plan. */
export type MapFd = (map: string) => Fd

/** Loads one program of the plan. @throws VerifierError, LoadError */
export function loadProgram(session: Session, plan: ProgramPlan, mapFd: MapFd): LoadResult {
  const { sys } = session.context
  const modules: OwnedFd[] = []
  const openModule = (module: string): Fd => {
    const fd = openModuleBtf(sys, module)
    modules.push(fd)
    return fd.fd
  }
  try {
    const loaded = loadWithLog(sys, loadOptions(session, plan, mapFd, openModule), session.options.log)
    bindMaps(session, plan, loaded.fd, mapFd)
    return loaded
  } catch (error) {
    throw explain(session, plan, error)
  } finally {
    for (const module of modules) module.close()
  }
}

function loadOptions(session: Session, plan: ProgramPlan, mapFd: MapFd, openModule: (module: string) => Fd): ProgLoadOptions {
  const { kernel, sys } = session.context
  const { targetProgram, ifindex, signature, keyringId } = session.options.programs?.[plan.name] ?? {}
  const withBtf = session.btfFd !== undefined && plan.funcInfo.byteLength > 0
  return {
    type: plan.type,
    insns: signature === undefined ? fillHoles(plan, mapFd, openModule) : signedCode(plan),
    license: plan.license,
    name: kernel.has('programName') === false ? undefined : kernelName(plan.name),
    kernVersion: plan.kernelVersion,
    expectedAttachType: plan.expectedAttachType,
    attachBtfId: plan.needsTargetProgram ? functionInProgram(sys, plan, targetProgram) : plan.attachBtfId,
    attachProgFd: targetProgram,
    ...byToken(session, plan.flags),
    ...(plan.attachBtfModule === undefined ? {} : { attachBtfObjFd: openModule(plan.attachBtfModule) }),
    ...(withBtf ? { btfFd: session.btfFd, funcInfo: plan.funcInfo, lineInfo: plan.lineInfo } : {}),
    ...fdArray([...plan.kfuncModules.map(openModule), ...(signature === undefined ? [] : mapsOfSigned(plan).map(mapFd))]),
    ...(ifindex === undefined ? {} : { ifindex }),
    ...(signature === undefined ? {} : { signature, keyringId: keyringId ?? 0 }),
  }
}

/** Calls of kfuncs name the kernel's BTF by 0, which is no place of a descriptor. */
function fdArray(descriptors: readonly Fd[]): Pick<ProgLoadOptions, 'fdArray'> {
  return descriptors.length === 0 ? {} : { fdArray: Int32Array.from([0, ...descriptors]) }
}

/** The planned code with descriptors in the places that wait for them. */
function fillHoles(plan: ProgramPlan, mapFd: MapFd, openModule: (module: string) => Fd): Uint8Array {
  const code = plan.code.slice()
  const view = new DataView(code.buffer)
  const immediateOffset = 4
  for (const hole of plan.holes) {
    // A module's BTF goes to the second half of the ldimm64, maps to the first.
    const slot = hole.kind === 'moduleBtf' ? hole.slot + 1 : hole.slot
    const fd = hole.kind === 'moduleBtf' ? openModule(hole.module) : mapFd(hole.map)
    view.setInt32(slot * 8 + immediateOffset, fd, littleEndian)
  }
  return code
}

/** Read-only data stays readable through the program's list of maps, whether its code uses it or not. Kernels before 5.10 cannot. */
function bindMaps({ context: { sys } }: Session, plan: ProgramPlan, program: OwnedFd, mapFd: MapFd): void {
  for (const map of plan.bindMaps) {
    try {
      progBindMap(sys, { progFd: program.fd, mapFd: mapFd(map) })
    } catch (error) {
      if (isSyscallError(error)) continue
      program.close()
      throw error
    }
  }
}

/** Kernel names are at most 15 bytes of letters, digits, `_` and `.`. */
function kernelName(name: string): string {
  return name.replace(/[^A-Za-z0-9_.]/g, '_').slice(0, 15)
}

function explain(session: Session, plan: ProgramPlan, error: unknown): unknown {
  if (!(error instanceof ProgLoadError)) return error
  const { context } = session
  const missingFeature = () => missingProgramFeature(context.kernel, plan)
  const { summary, instruction } = parseVerifierLog(error.log)
  // Statistics alone mean that the verifier had nothing to say: the kernel refused for another reason. What it says before it looks
  // at an instruction may be about a kind of program that it does not know, which it takes for another.
  if (summary !== '' && (instruction !== undefined || missingFeature() === undefined))
    return new VerifierError({ plan, log: error.log, errno: error.errnoName, cause: error })
  const action = `be loaded (section ${plan.section})`
  return refusal(context.sys, { stage: 'program', subject: plan.name, action, error, missingFeature, hint: hintFor(session, plan) })
}

function hintFor({ options }: Session, { name, section, type }: ProgramPlan): string | undefined {
  if (type === 0) return `section "${section}" names no program type: set the program's type before loading`
  if (options.programs?.[name]?.signature === undefined) return undefined
  return 'signatures take Linux 6.18 with CONFIG_SYSTEM_DATA_VERIFICATION; this one is not PKCS#7, or not by a key of that keyring'
}
