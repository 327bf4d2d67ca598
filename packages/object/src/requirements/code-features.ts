import { analyzeFlow, buildCfg, decode, type Instruction, slotCount } from '@bpf/insn'

/** Something in code that older kernels reject. */
export interface CodeFeature {
  readonly name: string
  readonly since: string
}

/** Kernels before 5.2 take no longer programs, and no loops before 5.3. */
const longProgram = { slots: 4096, feature: { name: 'more than 4096 instructions', since: '5.2' } }
const loops: CodeFeature = { name: 'bounded loops', since: '5.3' }

const instructionFeatures: readonly (CodeFeature & { readonly uses: (instruction: Instruction) => boolean })[] = [
  { name: '32-bit jumps (cpu v3)', since: '5.1', uses: insn => insn.kind === 'branch' && insn.width === 32 },
  {
    name: 'atomics that fetch, exchange or do logic',
    since: '5.12',
    uses: insn => insn.kind === 'atomic' && (insn.fetch || insn.op !== 'add'),
  },
  { name: 'signed division, sign extension, long jumps (cpu v4)', since: '6.6', uses: isCpuV4 },
  { name: 'may_goto', since: '6.9', uses: ({ kind }) => kind === 'mayGoto' },
  { name: 'arena pointers', since: '6.9', uses: ({ kind }) => kind === 'addrSpaceCast' },
  { name: 'load-acquire and store-release', since: '6.15', uses: ({ kind }) => kind === 'loadAcquire' || kind === 'storeRelease' },
  { name: 'indirect jumps', since: '6.19', uses: ({ kind }) => kind === 'gotox' },
]

function isCpuV4(insn: Instruction): boolean {
  switch (insn.kind) {
    case 'movsx':
      return true
    case 'alu':
      return insn.op === 'sdiv' || insn.op === 'smod'
    case 'load':
      return insn.signed
    case 'endian':
      return insn.order === 'swap'
    case 'goto':
      return insn.long
    default:
      return false
  }
}

/** What the code of one function needs, references aside, beyond the instructions of Linux 4.14. */
export function codeFeatures(code: Uint8Array, littleEndian: boolean): CodeFeature[] {
  const located = decode(code, littleEndian)
  const found: CodeFeature[] = instructionFeatures.filter(({ uses }) => located.some(({ instruction }) => uses(instruction)))
  if (slotCount(code) > longProgram.slots) found.push(longProgram.feature)
  if (analyzeFlow(buildCfg(code, { littleEndian })).loops.length > 0) found.push(loops)
  return found.map(({ name, since }) => ({ name, since }))
}

/** Ids of the helpers that code calls, each once. */
export function helpersIn(code: Uint8Array, littleEndian: boolean): ReadonlySet<number> {
  return new Set(decode(code, littleEndian).flatMap(({ instruction }) => (instruction.kind === 'callHelper' ? [instruction.id] : [])))
}
