import { attachProgram, attachTracing, type Link } from '@bpf/attach'
import { BpfError } from '@bpf/bytes'
import { fullProgramName, type Selector } from '@bpf/kernel'
import { checkPinPath } from '@bpf/maps'
import { matchSection, type SectionMatch } from '@bpf/object'
import { getProgInfo, ProgType, snakeName } from '@bpf/sys'
import { ExitCode, type Io, UsageError } from '@bpf/terminal'
import { type KernelContext, withKernel } from '../context'
import { openOne } from '../selector'

/** `kprobe=vfs_read`, `cgroup/connect4=web`, `fentry`: how the program would be called in an object, and where it goes. */
interface Place {
  readonly hook: string
  readonly section: SectionMatch
  /** Undefined for programs that were loaded for theirs. */
  readonly target: string | undefined
}

/** What a word says if it is a section, with a target or not. */
export function parsePlace(text: string): Place | undefined {
  const [hook = '', ...target] = text.split('=')
  const section = matchSection(hook)
  if (section === undefined || section.loose || section.target !== undefined) return undefined
  return { hook, section, target: target.length === 0 ? undefined : target.join('=') }
}

/** `bpf prog attach PROG HOOK[=TARGET] --pin PATH`: a program that is loaded already, by a link that stays by its pin. */
export function attachByLink(selector: Selector, place: Place, pin: string | undefined, io: Io): Promise<number> {
  if (pin === undefined) {
    throw new UsageError('it would be detached at the end of this command', 'say where to pin the link: --pin /sys/fs/bpf/mine')
  }
  const path = io.resolvePath(pin)
  return withKernel(context => {
    checkPinPath(path)
    using program = openOne(context, 'prog', selector)
    const { type } = getProgInfo(context.sys, program.fd)
    const name = fullProgramName(context.sys, program.fd)
    if (type !== place.section.type) {
      const [is, wanted] = [type, place.section.type].map(each => snakeName(ProgType, each))
      throw new BpfError('ERR_BPF_PROGRAM_TYPE', `program ${name} is of type ${is}, and ${place.hook} takes ${wanted}`)
    }
    using link = attach(context, { name, fd: program.fd, type }, place)
    link.pin(path)
    io.note(`${name} is attached to ${link.kind} ${link.target}; rm ${pin} detaches it`)
    return ExitCode.Ok
  })
}

function attach(context: KernelContext, program: { name: string; fd: number; type: number }, { hook, section, target }: Place): Link {
  const attachable = { ...program, section: hook, expectedAttachType: section.expectedAttachType, attachTarget: undefined }
  if (target !== undefined) return attachProgram(context, attachable, `${hook}=${target}`)
  const isLoadedForIt = program.type === ProgType.Lsm || program.type === ProgType.Tracing
  if (isLoadedForIt) return attachTracing(context, attachable)
  throw new UsageError(`${hook}: where?`, `write ${hook}=TARGET, as bpf start --attach has it`)
}
