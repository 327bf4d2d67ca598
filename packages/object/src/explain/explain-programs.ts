import { SLOT_SIZE } from '@bpf/insn'
import { AttachType } from '../constants/attach-type'
import { ProgFlag } from '../constants/flags'
import { ProgType } from '../constants/prog-type'
import type { FailedProgram, LoadPlan, ProgramPlan } from '../plan-types'
import { constantName, flagText } from './constant-names'
import { setFields } from './explain-maps'
import type { CallStep, FailureStep } from './step'

/** sizeof(struct bpf_func_info), sizeof(struct bpf_line_info). */
const funcInfoSize = 8
const lineInfoSize = 16

/** The calls that load a program, or why it cannot be loaded. */
export function explainProgramLoad(program: ProgramPlan | FailedProgram): (CallStep | FailureStep)[] {
  if (program.error !== undefined) {
    const { code, message, hint } = program.error
    return [{ phase: 'load', kind: 'failure', program: program.name, code, message, hint }]
  }
  const attributes = setFields([
    ['prog_type', constantName(ProgType, program.type, 'BPF_PROG_TYPE_')],
    ['insn_cnt', program.code.byteLength / SLOT_SIZE],
    ['insns', `[${program.code.byteLength} bytes]`],
    ['license', JSON.stringify(program.license)],
    ['kern_version', program.kernelVersion],
    ['prog_flags', flagText(ProgFlag, program.flags)],
    ['prog_name', JSON.stringify(program.name.slice(0, 15))],
    ['expected_attach_type', program.expectedAttachType === 0 ? 0 : constantName(AttachType, program.expectedAttachType, 'BPF_')],
    ['prog_btf_fd', program.funcInfo.byteLength > 0 ? 'BTF' : ''],
    ['func_info_cnt', program.funcInfo.byteLength / funcInfoSize],
    ['line_info_cnt', program.lineInfo.byteLength / lineInfoSize],
    ['attach_btf_id', program.attachBtfId],
    ['attach_btf_obj_fd', program.attachBtfModule ?? ''],
    ['fd_array', program.kfuncModules.join(', ')],
  ])
  const load: CallStep = {
    phase: 'load',
    kind: 'call',
    subject: program.name,
    command: 'BPF_PROG_LOAD',
    attributes,
    purpose: 'the verifier walks every path, then the code is translated for this machine',
  }
  const bind = program.bindMaps.map((map): CallStep => {
    const fields = [
      { name: 'prog_fd', value: program.name },
      { name: 'map_fd', value: map },
    ]
    const purpose = 'read-only data stays with the program, for whoever inspects it later'
    return { phase: 'load', kind: 'call', subject: program.name, command: 'BPF_PROG_BIND_MAP', attributes: fields, purpose }
  })
  return [load, ...bind]
}

/** Initial slots of maps of maps and program arrays, which can be filled only when all is there. */
export function explainSlots({ maps }: LoadPlan): CallStep[] {
  return maps.flatMap(map =>
    map.slots.map(({ index, kind, name }): CallStep => {
      const attributes = [
        { name: 'map_fd', value: map.name },
        { name: 'key', value: String(index) },
        { name: 'value', value: name },
      ]
      const purpose = kind === 'program' ? `tail calls to slot ${index} go to program ${name}` : `slot ${index} holds map ${name}`
      return { phase: 'load', kind: 'call', subject: map.name, command: 'BPF_MAP_UPDATE_ELEM', attributes, purpose }
    }),
  )
}
