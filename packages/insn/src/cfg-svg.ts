import type { BasicBlock, Cfg, CfgFunction, Edge } from './cfg'
import type { DotOptions } from './cfg-dot'
import { analyzeFlow } from './cfg-loops'
import { formatInstruction } from './format'
import { type Layout, layeredLayout, type Point } from './layered-layout'

/** Pixels; the text is set in a font whose letters are all as wide. */
const letter = { width: 7.2, height: 16 }
const padding = 8
const gaps = { x: 28, y: 36 }
const titleHeight = 28
/** Longer lines are cut. */
const longestLine = 72

const style = [
  'text{font:12px ui-monospace,monospace;fill:#1f2328;white-space:pre}',
  '.title{font-weight:bold}',
  'rect{fill:#f6f8fa;stroke:#57606a}',
  'rect.unreached{stroke:#d0d7de;stroke-dasharray:4}',
  'rect.loop{stroke:#cf222e;stroke-width:2}',
  'path{fill:none;stroke:#57606a}',
  'path.taken{stroke:#1a7f37}',
  'path.back{stroke:#cf222e}',
].join('')

/**
 * A control-flow graph as a picture: functions one below the other, blocks from top to bottom. Edges that are taken by a
 * branch are green, those back into a loop red, as are the blocks that loops are entered through.
 */
export function cfgToSvg(cfg: Cfg, options: DotOptions = {}): string {
  const { loops, reachable } = analyzeFlow(cfg)
  const flow: Flow = {
    back: new Set(loops.flatMap(loop => loop.backEdges)),
    headers: new Set(loops.map(loop => loop.header)),
    reachable,
  }
  const parts: string[] = []
  let y = padding
  let width = 0
  for (const fn of cfg.functions) {
    const drawing = drawFunction(cfg, fn, flow, options, y)
    parts.push(...drawing.parts)
    y += drawing.height + gaps.y
    width = Math.max(width, drawing.width)
  }
  const size = { width: Math.ceil(width + 2 * padding), height: Math.ceil(y) }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${size.width}" height="${size.height}" viewBox="0 0 ${size.width} ${size.height}">`,
    `<style>${style}</style>`,
    '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0,0 L8,4 L0,8" /></marker></defs>',
    ...parts,
    '</svg>',
    '',
  ].join('\n')
}

interface Flow {
  readonly back: ReadonlySet<Edge>
  readonly headers: ReadonlySet<number>
  readonly reachable: readonly boolean[]
}

interface Drawing {
  readonly parts: readonly string[]
  readonly width: number
  readonly height: number
}

function drawFunction(cfg: Cfg, fn: CfgFunction, flow: Flow, options: DotOptions, y: number): Drawing {
  const blocks = cfg.blocks.slice(fn.entry, fn.endBlock)
  const texts = blocks.map(block => blockText(block, options))
  const boxes = texts.map(lines => ({
    width: Math.max(...lines.map(line => line.length), 1) * letter.width + 2 * padding,
    height: lines.length * letter.height + padding,
  }))
  // A jump out of the function is a mistake of the program: there is no box for it to go to.
  const edges = blocks.flatMap(block => block.successors).filter(edge => edge.to >= fn.entry && edge.to < fn.endBlock)
  const connections = edges.map(edge => ({ from: edge.from - fn.entry, to: edge.to - fn.entry, back: flow.back.has(edge) }))
  const layout = layeredLayout(boxes, connections, gaps)
  const origin = { x: padding, y: y + titleHeight }
  const name = options.functionName?.(fn.start) ?? `function at ${fn.start}`
  return {
    parts: [
      `<text class="title" x="${origin.x}" y="${round(y + letter.height)}">${escapeXml(name)}</text>`,
      ...edges.map((edge, i) => drawEdge(edge, layout.routes[i] ?? [], selfLoop(edge, fn, layout, boxes), flow, origin)),
      ...blocks.flatMap((block, i) => drawBlock(block, texts[i] ?? [], layout.boxes[i] ?? origin, boxes[i], flow, origin)),
    ],
    width: layout.width,
    height: layout.height + titleHeight,
  }
}

function blockText(block: BasicBlock, { text }: DotOptions): string[] {
  return block.instructions.map(({ slot, instruction }) => {
    const line = `${String(slot).padStart(4)}: ${text?.(slot, instruction) ?? formatInstruction(instruction)}`
    return line.length > longestLine ? `${line.slice(0, longestLine - 1)}…` : line
  })
}

function drawBlock(
  block: BasicBlock,
  lines: readonly string[],
  at: Point,
  box: { readonly width: number; readonly height: number } | undefined,
  { headers, reachable }: Flow,
  origin: Point,
): string[] {
  const { width, height } = box ?? { width: 0, height: 0 }
  const place = { x: origin.x + at.x, y: origin.y + at.y }
  const kind = headers.has(block.index) ? 'loop' : reachable[block.index] ? 'block' : 'unreached'
  return [
    `<rect class="${kind}" x="${round(place.x)}" y="${round(place.y)}" width="${round(width)}" height="${round(height)}" rx="3" />`,
    ...lines.map((line, i) => {
      return `<text x="${round(place.x + padding)}" y="${round(place.y + (i + 1) * letter.height - 2)}">${escapeXml(line)}</text>`
    }),
  ]
}

/** A block that jumps to itself: around its right side. */
function selfLoop(edge: Edge, fn: CfgFunction, layout: Layout, boxes: readonly { width: number; height: number }[]): Point[] {
  const at = layout.boxes[edge.from - fn.entry]
  const box = boxes[edge.from - fn.entry]
  if (edge.from !== edge.to || at === undefined || box === undefined) return []
  const right = at.x + box.width
  return [
    { x: right, y: at.y + box.height - padding },
    { x: right + gaps.x / 2, y: at.y + box.height / 2 },
    { x: right, y: at.y + padding },
  ]
}

function drawEdge(edge: Edge, route: readonly Point[], self: readonly Point[], { back }: Flow, origin: Point): string {
  const points = (self.length > 0 ? self : route).map(({ x, y }) => ({ x: origin.x + x, y: origin.y + y }))
  const kind = back.has(edge) ? 'back' : edge.kind === 'taken' ? 'taken' : 'next'
  return `<path class="${kind}" marker-end="url(#arrow)" d="${curve(points)}" />`
}

/** Through all points, leaving and reaching each vertically. */
function curve([first, ...rest]: readonly Point[]): string {
  if (first === undefined) return ''
  let path = `M${round(first.x)},${round(first.y)}`
  let from = first
  for (const to of rest) {
    const middle = (from.y + to.y) / 2
    path += ` C${round(from.x)},${round(middle)} ${round(to.x)},${round(middle)} ${round(to.x)},${round(to.y)}`
    from = to
  }
  return path
}

const round = (value: number): string => String(Math.round(value * 10) / 10)

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const escapeXml = (text: string): string => text.replace(/[&<>"]/g, character => entities[character] ?? '')
