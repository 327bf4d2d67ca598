import type { CommandGroup } from '@bpf/terminal'
import { genMinBtf, genMinCoreBtf } from './min-btf'
import { genObject } from './object'
import { genTypes } from './types'
import { genVmlinux } from './vmlinux'

/** Files made from objects and from the types of kernels. No root, no kernel, any system. */
export const gen: CommandGroup = {
  name: 'gen',
  summary: 'generate: TypeScript types of an object, vmlinux.h, small BTF, linked objects',
  commands: [genTypes, genVmlinux, genMinBtf, genMinCoreBtf, genObject],
  fallback: 'types',
}
