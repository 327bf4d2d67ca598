import type { OptionSpecs } from '@bpf/terminal'
import { inObject } from './complete'

/** Options of all commands that load an object: what is changed about it first, and what is told meanwhile. */
export const objectOptions = {
  set: {
    type: 'string',
    multiple: true,
    value: 'VAR=VALUE',
    complete: inObject('variableValues'),
    description: 'set a global variable before loading',
  },
  map: {
    type: 'string',
    multiple: true,
    value: 'NAME=FIELD:N',
    complete: inObject('mapChanges'),
    description: 'change a map definition before loading: events=max_entries:65536; also value_size, flags, map_extra, numa_node',
  },
  only: { type: 'string', multiple: true, value: 'PROG', complete: inObject('programs'), description: 'load only this program' },
  skip: {
    type: 'string',
    multiple: true,
    value: 'PROG',
    complete: inObject('programs'),
    description: 'load all programs but this one',
  },
  btf: {
    type: 'string',
    value: 'FILE',
    description:
      'relocate against these types instead of those of this kernel, which may have none: raw BTF, a vmlinux, or a directory with RELEASE.btf',
  },
  'pin-root': {
    type: 'string',
    value: 'DIR',
    description: 'maps that the object shares by name (LIBBPF_PIN_BY_NAME) are found or pinned there; private unless given',
  },
  pin: { type: 'string', value: 'DIR', description: 'keep everything after the end, pinned in a directory of a bpf file system' },
  verbose: { type: 'boolean', short: 'v', description: 'tell every step of the load, and what the verifier prints' },
  syscalls: { type: 'boolean', description: 'print every system call with its decoded attributes' },
  'dry-run': { type: 'boolean', description: 'print the plan and stop: nothing is created' },
} as const satisfies OptionSpecs

/** Option of commands that show or declare what buffers deliver. */
export const recordTypeOption = {
  type: {
    type: 'string',
    multiple: true,
    value: 'MAP=TYPE',
    complete: inObject('recordTypes'),
    description: 'what the records of a ring or perf buffer are, where its definition does not say it: events=event',
  },
} as const satisfies OptionSpecs

/** Options of commands that read an object and never load it: for which kernel? */
export const targetOptions = {
  btf: {
    type: 'string',
    value: 'FILE',
    description: 'types of the kernel to plan for: raw BTF or a vmlinux; those of this kernel unless given',
  },
  kernel: { type: 'string', value: 'VERSION', description: 'version of that kernel: 5.15; that of this kernel unless given' },
} as const satisfies OptionSpecs
