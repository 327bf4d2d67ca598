import { decode, type LocatedInstruction } from './decode'
import { targetOf } from './disassemble'
import { type InstructionKind, slotsOf } from './instruction'
import { slotCount } from './slots'

export interface CfgOptions {
  readonly littleEndian: boolean
  /** Slots where functions begin, beyond slot 0 and those that calls and callback addresses name. */
  readonly functions?: Iterable<number>
  /** Slots that an indirect jump can go to, by the slot of the `gotox`: the contents of its jump table. */
  readonly jumpTables?: ReadonlyMap<number, readonly number[]>
}

/**
 * How control gets from one block to another: `next` into the block that follows, because a branch is not taken or because
 * another jump splits the code here; `taken` by a branch or may_goto; `jump` always; `table` as one target of a gotox.
 */
export type EdgeKind = 'next' | 'taken' | 'jump' | 'table'

export interface Edge {
  /** Indices into `Cfg.blocks`. */
  readonly from: number
  readonly to: number
  readonly kind: EdgeKind
}

/** Instructions that are executed one after the other, without a way in or out between them. */
export interface BasicBlock {
  readonly index: number
  /** Index into `Cfg.functions`. */
  readonly function: number
  /** First slot, and the slot after the last. */
  readonly start: number
  readonly end: number
  readonly instructions: readonly LocatedInstruction[]
  readonly successors: readonly Edge[]
  readonly predecessors: readonly Edge[]
}

export interface CfgFunction {
  readonly index: number
  /** First slot, and the slot after the last: where the next function begins. */
  readonly start: number
  readonly end: number
  /** Indices into `Cfg.blocks`: from the entry up to, not including, `endBlock`. */
  readonly entry: number
  readonly endBlock: number
}

/** A call of a function of the program, or the address of one, taken to pass it as a callback. */
export interface CallSite {
  readonly slot: number
  readonly kind: 'call' | 'callback'
  /** Index into `Cfg.blocks`. */
  readonly block: number
  /** Index into `Cfg.functions`. */
  readonly callee: number
}

/**
 * Control that goes where it cannot: `bad target` is outside the code or inside a 64-bit immediate, `leaves function` a jump
 * into another function, `falls off` a function whose last instruction goes on, `no jump table` a gotox without targets.
 */
export interface FlowProblem {
  readonly slot: number
  readonly reason: 'bad target' | 'leaves function' | 'falls off' | 'no jump table'
  readonly target: number | undefined
}

/** A program as functions of basic blocks. */
export interface Cfg {
  /** By slot. */
  readonly functions: readonly CfgFunction[]
  /** By slot. They cover all code, also what nothing reaches. */
  readonly blocks: readonly BasicBlock[]
  /** By slot. */
  readonly calls: readonly CallSite[]
  /** By slot. */
  readonly problems: readonly FlowProblem[]
}

/**
 * The control-flow graph of a program and of the functions it calls. A function reaches to where the next one begins, as the
 * kernel sees it. What is no instruction leads nowhere. Any slots have a graph.
 *
 * @throws CodeSizeError
 */
export function buildCfg(code: Uint8Array, options: CfgOptions): Cfg {
  const located = decode(code, options.littleEndian)
  const jumpTables = options.jumpTables ?? new Map()
  const begins = new Set(located.map(({ slot }) => slot))
  const functionStarts = findFunctions(located, begins, options.functions ?? [])
  const blocks = splitBlocks(located, begins, functionStarts, jumpTables)
  const blockAt = new Map(blocks.map(block => [block.start, block]))
  const functions = functionStarts.map((start, index) => {
    const end = functionStarts[index + 1] ?? slotCount(code)
    return { index, start, end, entry: blockAt.get(start)?.index ?? 0, endBlock: blockAt.get(end)?.index ?? blocks.length }
  })
  const calls: CallSite[] = []
  const problems: FlowProblem[] = []
  const functionAt = new Map(functions.map(({ start, index }) => [start, index]))
  for (const block of blocks) {
    findCalls(block, functionAt, calls, problems)
    connect(block, blocks, blockAt, jumpTables, problems)
  }
  return { functions, blocks, calls, problems }
}

type JumpTables = ReadonlyMap<number, readonly number[]>

/** A block whose edges are still being found. */
interface Block extends BasicBlock {
  end: number
  readonly instructions: LocatedInstruction[]
  readonly successors: Edge[]
  readonly predecessors: Edge[]
}

/** What instructions do to control: where they jump, and whether they can go on to the next. All others go on. */
const flows: { readonly [K in InstructionKind]?: { readonly jump: EdgeKind | undefined; readonly goesOn: boolean } } = {
  goto: { jump: 'jump', goesOn: false },
  branch: { jump: 'taken', goesOn: true },
  mayGoto: { jump: 'taken', goesOn: true },
  gotox: { jump: 'table', goesOn: false },
  exit: { jump: undefined, goesOn: false },
  invalid: { jump: undefined, goesOn: false },
}

/** Slots that an instruction may jump to, each once. */
function jumpTargets({ slot, instruction }: LocatedInstruction, jumpTables: JumpTables): readonly number[] {
  if (instruction.kind === 'gotox') return [...new Set(jumpTables.get(slot))]
  const target = flows[instruction.kind]?.jump === undefined ? undefined : targetOf(slot, instruction)
  return target === undefined ? [] : [target]
}

/** Slot of the function that an instruction calls or takes the address of. */
function calleeOf({ slot, instruction }: LocatedInstruction): number | undefined {
  return instruction.kind === 'callFunction' || instruction.kind === 'loadImm64' ? targetOf(slot, instruction) : undefined
}

function findFunctions(located: readonly LocatedInstruction[], begins: ReadonlySet<number>, given: Iterable<number>): number[] {
  const starts = new Set([0, ...given, ...located.map(instruction => calleeOf(instruction) ?? 0)])
  return [...starts].filter(slot => begins.has(slot)).sort((a, b) => a - b)
}

function splitBlocks(
  located: readonly LocatedInstruction[],
  begins: ReadonlySet<number>,
  functionStarts: readonly number[],
  jumpTables: JumpTables,
): Block[] {
  const functionAt = new Map(functionStarts.map((start, index) => [start, index]))
  const leaders = new Set([...functionAt.keys(), ...located.flatMap(at => jumpTargets(at, jumpTables)).filter(slot => begins.has(slot))])
  const blocks: Block[] = []
  let current: Block | undefined
  let inFunction = 0
  for (const at of located) {
    const { slot, instruction } = at
    inFunction = functionAt.get(slot) ?? inFunction
    if (current === undefined || leaders.has(slot)) {
      current = { index: blocks.length, function: inFunction, start: slot, end: slot, instructions: [], successors: [], predecessors: [] }
      blocks.push(current)
    }
    current.instructions.push(at)
    current.end = slot + slotsOf(instruction)
    if (flows[instruction.kind] !== undefined) current = undefined
  }
  return blocks
}

function findCalls(block: BasicBlock, functionAt: ReadonlyMap<number, number>, calls: CallSite[], problems: FlowProblem[]): void {
  for (const at of block.instructions) {
    const target = calleeOf(at)
    if (target === undefined) continue
    const callee = functionAt.get(target)
    const kind = at.instruction.kind === 'callFunction' ? 'call' : 'callback'
    if (callee === undefined) problems.push({ slot: at.slot, reason: 'bad target', target })
    else calls.push({ slot: at.slot, kind, block: block.index, callee })
  }
}

/** Adds the edges out of a block, or the problems with them. */
function connect(
  block: Block,
  blocks: readonly Block[],
  blockAt: ReadonlyMap<number, Block>,
  jumpTables: JumpTables,
  problems: FlowProblem[],
): void {
  const last = block.instructions.at(-1)
  if (last === undefined) return
  const { slot, instruction } = last
  const { jump = undefined, goesOn = true } = flows[instruction.kind] ?? {}
  const link = (to: Block, kind: EdgeKind): void => {
    const edge = { from: block.index, to: to.index, kind }
    block.successors.push(edge)
    to.predecessors.push(edge)
  }
  const following = blocks[block.index + 1]
  if (goesOn && following?.function === block.function) link(following, 'next')
  else if (goesOn) problems.push({ slot, reason: 'falls off', target: block.end })

  const targets = jumpTargets(last, jumpTables)
  if (jump === 'table' && targets.length === 0) problems.push({ slot, reason: 'no jump table', target: undefined })
  for (const target of targets) {
    const to = blockAt.get(target)
    if (to === undefined) problems.push({ slot, reason: 'bad target', target })
    else if (to.function !== block.function) problems.push({ slot, reason: 'leaves function', target })
    else if (jump !== undefined) link(to, jump)
  }
}
