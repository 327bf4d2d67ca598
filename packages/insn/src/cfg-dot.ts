import type { BasicBlock, Cfg, CfgFunction, Edge } from './cfg'
import { analyzeFlow, type FlowAnalysis } from './cfg-loops'
import type { LocatedInstruction } from './decode'
import { formatInstruction } from './format'

export interface DotOptions {
  /** Names of functions by their first slot; `function at N` otherwise. */
  readonly functionName?: (slot: number) => string | undefined
  /** The text of an instruction; `formatInstruction` otherwise. */
  readonly text?: (slot: number, instruction: LocatedInstruction['instruction']) => string
}

/**
 * A control-flow graph in Graphviz' language: a box a block, a frame a function. Edges back into a loop are red, taken ones
 * green, calls dotted; what nothing reaches is grey.
 */
export function cfgToDot(cfg: Cfg, options: DotOptions = {}): string {
  const analysis = analyzeFlow(cfg)
  const backEdges = new Set(analysis.loops.flatMap(loop => loop.backEdges))
  const edges = cfg.blocks.flatMap(block => block.successors)
  return [
    'digraph program {',
    '  node [shape=box, fontname=monospace]',
    ...cfg.functions.flatMap(fn => functionLines(cfg, fn, analysis, options)),
    ...edges.map(edge => `  b${edge.from} -> b${edge.to}${attributes(edgeStyle(edge, backEdges))}`),
    ...cfg.calls.map(
      call => `  b${call.block} -> b${cfg.functions[call.callee]?.entry ?? 0}${attributes({ style: 'dotted', label: call.kind })}`,
    ),
    '}',
    '',
  ].join('\n')
}

function functionLines(cfg: Cfg, { index, start, entry, endBlock }: CfgFunction, analysis: FlowAnalysis, options: DotOptions): string[] {
  const name = options.functionName?.(start) ?? `function at ${start}`
  return [
    `  subgraph cluster_${index} {`,
    `    label=${quote(name)}`,
    ...cfg.blocks.slice(entry, endBlock).map(block => `    b${block.index}${attributes(blockStyle(block, analysis, options))}`),
    '  }',
  ]
}

function blockStyle(block: BasicBlock, { reachable, loops, loopOf }: FlowAnalysis, { text }: DotOptions): Attributes {
  const lines = block.instructions.map(
    ({ slot, instruction }) => `${slot}: ${text?.(slot, instruction) ?? formatInstruction(instruction)}\n`,
  )
  const loop = loops[loopOf[block.index] ?? -1]
  return {
    label: lines.join(''),
    ...(reachable[block.index] ? {} : { color: 'grey', fontcolor: 'grey' }),
    ...(loop?.header === block.index ? { xlabel: `loop ${loop.index}, depth ${loop.depth}` } : {}),
  }
}

function edgeStyle(edge: Edge, backEdges: ReadonlySet<Edge>): Attributes {
  if (backEdges.has(edge)) return { color: 'red' }
  return edge.kind === 'taken' ? { color: 'darkgreen' } : {}
}

type Attributes = Readonly<Record<string, string>>

function attributes(values: Attributes): string {
  const written = Object.entries(values).map(([name, value]) => `${name}=${quote(value)}`)
  return written.length === 0 ? '' : ` [${written.join(', ')}]`
}

/** Lines in a label end with `\l`, which aligns them to the left. */
const quote = (text: string): string => `"${text.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\l')}"`
