import { groupBy } from '@bpf/bytes'

/** A box to be placed. Lengths are in whatever unit the caller draws in. */
export interface Box {
  readonly width: number
  readonly height: number
}

/** Indices of boxes. Edges that lead back are drawn upwards and do not count for the order. */
export interface Connection {
  readonly from: number
  readonly to: number
  readonly back: boolean
}

export interface Point {
  readonly x: number
  readonly y: number
}

export interface Layout {
  /** By box: its upper left corner. */
  readonly boxes: readonly Point[]
  /** By connection: where it goes, from the one box to the other. */
  readonly routes: readonly (readonly Point[])[]
  readonly width: number
  readonly height: number
}

export interface Gaps {
  readonly x: number
  readonly y: number
}

/** A box, or a place where a long edge passes through a layer that it has no business in. */
interface Node {
  readonly layer: number
  readonly width: number
  readonly height: number
  readonly above: Node[]
  readonly below: Node[]
  /** Of its centre. */
  x: number
}

/** Sweeps over the layers; more change little. */
const sweeps = 6

/**
 * Places boxes in layers from top to bottom, so that every edge that does not lead back goes down: Sugiyama's way. Layers
 * are longest paths; edges across several layers get a place in each; the order within a layer follows the neighbours, and so
 * do the positions, as far as there is room.
 *
 * @param connections Without those that lead back, they must have no cycle; what is in one is put in the first layer.
 */
export function layeredLayout(boxes: readonly Box[], connections: readonly Connection[], gaps: Gaps): Layout {
  const layerOf = longestPaths(boxes.length, connections)
  const nodes = boxes.map(({ width, height }, i): Node => ({ layer: layerOf[i] ?? 0, width, height, above: [], below: [], x: 0 }))
  const layers: Node[][] = []
  const put = (node: Node): Node => {
    const layer = layers[node.layer] ?? []
    layers[node.layer] = layer
    layer.push(node)
    return node
  }
  for (const node of nodes) put(node)
  const chains = connections.map(connection => chainOf(connection, nodes, gaps.x, put))
  const filled = Array.from(layers, layer => layer ?? [])
  arrange(filled, gaps.x)
  return positions(nodes, filled, chains, connections, gaps)
}

/** By box: edges of the longest path to it. */
function longestPaths(count: number, connections: readonly Connection[]): number[] {
  const forward = connections.filter(({ back, from, to }) => !back && from !== to)
  const layers = new Array<number>(count).fill(0)
  const waiting = new Array<number>(count).fill(0)
  const outgoing = groupBy(forward, ({ from }) => from)
  for (const { to } of forward) waiting[to] = (waiting[to] ?? 0) + 1
  const ready = waiting.flatMap((n, i) => (n === 0 ? [i] : []))
  for (let box = ready.shift(); box !== undefined; box = ready.shift()) {
    for (const { to } of outgoing.get(box) ?? []) {
      layers[to] = Math.max(layers[to] ?? 0, (layers[box] ?? 0) + 1)
      const left = (waiting[to] ?? 0) - 1
      waiting[to] = left
      if (left === 0) ready.push(to)
    }
  }
  return layers
}

/** The nodes that an edge passes, from its upper end to its lower one. */
function chainOf({ from, to }: Connection, nodes: readonly Node[], width: number, put: (node: Node) => Node): Node[] {
  const ends = [nodes[from], nodes[to]].filter(node => node !== undefined).sort((a, b) => a.layer - b.layer)
  const [upper, lower] = ends
  if (upper === undefined || lower === undefined || upper === lower) return []
  const chain = [upper]
  for (let layer = upper.layer + 1; layer < lower.layer; layer++) chain.push(put({ layer, width, height: 0, above: [], below: [], x: 0 }))
  chain.push(lower)
  for (const [i, node] of chain.entries()) {
    const next = chain[i + 1]
    // Ends of one layer, as of an edge back to a neighbour, order nothing.
    if (next === undefined || next.layer === node.layer) continue
    node.below.push(next)
    next.above.push(node)
  }
  return chain
}

/** Orders each layer by its neighbours, downwards and upwards in turn, then moves nodes towards them. */
function arrange(layers: readonly Node[][], gap: number): void {
  for (const layer of layers) pack(layer, gap)
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const isDown = sweep % 2 === 0
    for (const layer of isDown ? layers : layers.toReversed()) {
      const wanted = new Map(layer.map(node => [node, mean(isDown ? node.above : node.below) ?? node.x]))
      layer.sort((a, b) => (wanted.get(a) ?? 0) - (wanted.get(b) ?? 0))
      pack(layer, gap, wanted)
    }
  }
}

/** Gives the nodes of a layer their places from left to right, as near to those they want as there is room for. */
function pack(layer: readonly Node[], gap: number, wanted?: ReadonlyMap<Node, number>): void {
  let right = Number.NEGATIVE_INFINITY
  let excess = 0
  for (const node of layer) {
    const least = right === Number.NEGATIVE_INFINITY ? node.width / 2 : right + gap + node.width / 2
    const want = wanted?.get(node) ?? least
    node.x = right === Number.NEGATIVE_INFINITY ? want : Math.max(want, least)
    excess += node.x - want
    right = node.x + node.width / 2
  }
  // Pushing to the right only would make everything drift there.
  for (const node of layer) node.x -= excess / layer.length
}

function mean(nodes: readonly Node[]): number | undefined {
  return nodes.length === 0 ? undefined : nodes.reduce((sum, node) => sum + node.x, 0) / nodes.length
}

function positions(
  nodes: readonly Node[],
  layers: readonly (readonly Node[])[],
  chains: readonly (readonly Node[])[],
  connections: readonly Connection[],
  gaps: Gaps,
): Layout {
  const all = layers.flat()
  const left = all.reduce((least, node) => Math.min(least, node.x - node.width / 2), Number.POSITIVE_INFINITY)
  const heights = layers.map(layer => layer.reduce((most, node) => Math.max(most, node.height), 0))
  const tops: number[] = []
  let height = 0
  for (const own of heights) {
    tops.push(height)
    height += own + gaps.y
  }
  const centre = (node: Node) => node.x - left
  const top = (node: Node) => tops[node.layer] ?? 0
  const routes = chains.map((chain, i) => {
    // Down to the end of each layer before it turns, so that it passes between the boxes and not behind them.
    const points = chain.flatMap((node, at): Point[] => {
      const x = centre(node)
      const bottom = { x, y: top(node) + (heights[node.layer] ?? 0) }
      if (at === chain.length - 1) return [{ x, y: top(node) }]
      const start = { x, y: top(node) + (at === 0 ? node.height : 0) }
      return start.y === bottom.y ? [bottom] : [start, bottom]
    })
    const { from, to } = connections[i] ?? { from: 0, to: 0 }
    return (nodes[from]?.layer ?? 0) > (nodes[to]?.layer ?? 0) ? points.toReversed() : points
  })
  return {
    boxes: nodes.map(node => ({ x: centre(node) - node.width / 2, y: top(node) })),
    routes,
    width: all.reduce((most, node) => Math.max(most, centre(node) + node.width / 2), 0),
    height: Math.max(0, height - gaps.y),
  }
}
