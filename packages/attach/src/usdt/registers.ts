import type { ArchName } from '@bpf/sys'

/** x86-64, in the order of `struct pt_regs`: every name of a register, the 64-bit one first. */
const x64Order: readonly (readonly string[])[] = [
  ['r15', 'r15d', 'r15w', 'r15b'],
  ['r14', 'r14d', 'r14w', 'r14b'],
  ['r13', 'r13d', 'r13w', 'r13b'],
  ['r12', 'r12d', 'r12w', 'r12b'],
  ['rbp', 'ebp', 'bp', 'bpl'],
  ['rbx', 'ebx', 'bx', 'bl'],
  ['r11', 'r11d', 'r11w', 'r11b'],
  ['r10', 'r10d', 'r10w', 'r10b'],
  ['r9', 'r9d', 'r9w', 'r9b'],
  ['r8', 'r8d', 'r8w', 'r8b'],
  ['rax', 'eax', 'ax', 'al'],
  ['rcx', 'ecx', 'cx', 'cl'],
  ['rdx', 'edx', 'dx', 'dl'],
  ['rsi', 'esi', 'si', 'sil'],
  ['rdi', 'edi', 'di', 'dil'],
  [], // orig_ax
  ['rip', 'eip', 'ip'],
  [], // cs
  [], // flags
  ['rsp', 'esp', 'sp', 'spl'],
]

const arm64 = { registers: 31, sp: 248, pc: 256 } as const

const tables: Readonly<Record<ArchName, ReadonlyMap<string, number>>> = {
  x64: new Map(x64Order.flatMap((names, index) => names.map(name => [name, index * 8] as const))),
  arm64: new Map([
    ...Array.from({ length: arm64.registers }, (_, index) => [`x${index}`, index * 8] as const),
    ...Array.from({ length: arm64.registers }, (_, index) => [`w${index}`, index * 8] as const),
    ['fp', 29 * 8],
    ['lr', 30 * 8],
    ['sp', arm64.sp],
    ['pc', arm64.pc],
  ]),
}

/** Where a register's value is in the context; undefined for registers that are not there, such as `xmm0` or `ah`. */
export function registerOffset(arch: ArchName, name: string): number | undefined {
  return tables[arch].get(name)
}
