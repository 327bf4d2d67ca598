import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assemble } from './assemble'
import { buildCfg, type Cfg, type CfgOptions } from './cfg'
import { cfgToDot } from './cfg-dot'
import { analyzeFlow } from './cfg-loops'
import { encode } from './encode'
import { arbitraryProgram } from './instruction.arbitrary'

const build = (text: string, options: Partial<CfgOptions> = {}) =>
  buildCfg(assemble(text, { littleEndian: true }).code, { littleEndian: true, ...options })

/** `0-2 next:2 taken:3`: slots of a block and where it leads. */
const shape = (cfg: Cfg) =>
  cfg.blocks.map(block =>
    [`${block.start}-${block.end}`, ...block.successors.map(edge => `${edge.kind}:${cfg.blocks[edge.to]?.start}`)].join(' '),
  )

describe('buildCfg', () => {
  it('splits code where control comes together or parts', () => {
    const cfg = build(`
           r1 = 1 ll
           if r1 == 0 goto out
           r0 = 1
           goto end
      out: r0 = 0
      end: exit`)
    expect(shape(cfg)).toEqual(['0-3 next:3 taken:5', '3-5 jump:6', '5-6 next:6', '6-7'])
    expect(cfg.blocks[3]?.predecessors.map(edge => edge.from)).toEqual([1, 2])
    expect(cfg.problems).toEqual([])
  })

  it('follows long jumps and may_goto', () => {
    expect(shape(build('a: may_goto b; gotol a; b: exit'))).toEqual(['0-1 next:1 taken:2', '1-2 jump:0', '2-3'])
  })

  it('finds functions by their calls and callbacks, and those the caller knows', () => {
    const text = `
            call second
            r2 = third ll
            call bpf_loop
            exit
    second: exit
    third:  exit
    fourth: exit`
    const cfg = build(text, { functions: [7] })
    expect(cfg.functions.map(({ start, end, entry, endBlock }) => [start, end, entry, endBlock])).toEqual([
      [0, 5, 0, 1],
      [5, 6, 1, 2],
      [6, 7, 2, 3],
      [7, 8, 3, 4],
    ])
    expect(cfg.calls).toEqual([
      { slot: 0, kind: 'call', block: 0, callee: 1 },
      { slot: 1, kind: 'callback', block: 0, callee: 2 },
    ])
  })

  it('goes through jump tables', () => {
    const text = 'gotox r1; r0 = 0; exit; r0 = 1; exit'
    expect(shape(build(text, { jumpTables: new Map([[0, [1, 3, 1]]]) }))).toEqual(['0-1 table:1 table:3', '1-3', '3-5'])
    expect(build(text).problems).toEqual([{ slot: 0, reason: 'no jump table', target: undefined }])
  })

  it('says where control goes that cannot go there', () => {
    const cfg = build(`
      if r1 == 0 goto +1
      r1 = 1 ll
      goto +100
      call pc-100
      goto f
      call f
      f: r0 = 0`)
    expect(cfg.problems).toEqual([
      { slot: 0, reason: 'bad target', target: 2 },
      { slot: 3, reason: 'bad target', target: 104 },
      { slot: 4, reason: 'bad target', target: -95 },
      { slot: 5, reason: 'leaves function', target: 7 },
      { slot: 6, reason: 'falls off', target: 7 },
      { slot: 7, reason: 'falls off', target: 8 },
    ])
  })

  it('is empty for no code', () => {
    expect(build('')).toEqual({ functions: [], blocks: [], calls: [], problems: [] })
  })
})

describe('analyzeFlow', () => {
  const loops = (cfg: Cfg) =>
    analyzeFlow(cfg).loops.map(({ header, blocks, parent, depth, reducible, backEdges }) => ({
      header,
      blocks,
      parent,
      depth,
      reducible,
      from: backEdges.map(edge => edge.from),
    }))

  it('tells what nothing reaches', () => {
    expect(analyzeFlow(build('goto out; r0 = 1; goto out; out: exit')).reachable).toEqual([true, false, true])
  })

  it('nests loops', () => {
    const cfg = build(`
      r1 = 0
      outer: r2 = 0
      inner: r2 += 1
             if r2 < 10 goto inner
             r1 += 1
             if r1 < 10 goto outer
      exit`)
    expect(loops(cfg)).toEqual([
      { header: 2, blocks: [2], parent: 1, depth: 2, reducible: true, from: [2] },
      { header: 1, blocks: [1, 3], parent: undefined, depth: 1, reducible: true, from: [3] },
    ])
    expect(analyzeFlow(cfg).loopOf).toEqual([undefined, 1, 0, 1, undefined])
  })

  it('takes several jumps back to one place as one loop', () => {
    const cfg = build('top: if r1 == 0 goto top; if r1 == 1 goto top; exit')
    expect(loops(cfg)).toEqual([{ header: 0, blocks: [0, 1], parent: undefined, depth: 1, reducible: true, from: [0, 1] }])
  })

  it('marks loops that are entered past their header', () => {
    const cfg = build(`
         if r1 == 0 goto b
      a: r0 = 1
      b: r0 = 2
         if r2 == 0 goto a
         exit`)
    const [loop] = loops(cfg)
    expect(loop).toMatchObject({ reducible: false, blocks: expect.arrayContaining([1, 2]) })
  })

  it('finds each block that can be repeated, and no other', () => {
    fc.assert(
      fc.property(arbitraryProgram, program => {
        const cfg = buildCfg(encode(program, true), { littleEndian: true })
        const { reachable, loopOf } = analyzeFlow(cfg)
        for (const block of cfg.blocks) {
          const repeats = reachable[block.index] === true && leadsTo(cfg, block.index).has(block.index)
          expect(loopOf[block.index] !== undefined, `block ${block.index}`).toBe(repeats)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('calls a loop reducible if its header dominates it', () => {
    fc.assert(
      fc.property(arbitraryProgram, program => {
        const cfg = buildCfg(encode(program, true), { littleEndian: true })
        const { loops, loopOf } = analyzeFlow(cfg)
        for (const { index, header, reducible } of loops) {
          const entry = cfg.functions[cfg.blocks[header]?.function ?? 0]?.entry ?? 0
          const around = entry === header ? new Set<number>() : leadsTo(cfg, entry, header).add(entry)
          const isInside = (loop: number | undefined): boolean => loop === index || (loop !== undefined && isInside(loops[loop]?.parent))
          const enteredElsewhere = [...around].filter(block => isInside(loopOf[block]))
          expect(enteredElsewhere.length === 0, `loop at block ${header}, entered at ${enteredElsewhere}`).toBe(reducible)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('takes time in proportion to the code, however tangled', () => {
    const size = 60_000
    const branch = (distance: number) =>
      ({ kind: 'branch', condition: 'eq', width: 64, dst: 1, operand: { kind: 'immediate', value: 0 }, distance }) as const
    const manyEntries = [branch(30_000), ...Array.from({ length: size }, (_, i) => branch(i < size / 2 ? 30_000 : -30_000))]
    const started = performance.now()
    const cfg = buildCfg(encode(manyEntries, true), { littleEndian: true })
    const { loops } = analyzeFlow(cfg)
    expect(loops.filter(loop => !loop.reducible).length).toBeGreaterThan(20_000)
    expect(performance.now() - started).toBeLessThan(15_000)
  })
})

/** Blocks that can be reached from one by at least one edge, without passing through another. */
function leadsTo(cfg: Cfg, from: number, except?: number): Set<number> {
  const found = new Set<number>()
  const add = (block: number) => {
    for (const { to } of cfg.blocks[block]?.successors ?? []) if (to !== except) found.add(to)
  }
  add(from)
  for (const block of found) add(block)
  return found
}

describe('cfgToDot', () => {
  it('draws blocks in functions, edges and calls', () => {
    const cfg = build('top: r1 -= 1; if r1 != 0 goto top; call f; exit; exit; f: exit')
    const dot = cfgToDot(cfg, { functionName: slot => (slot === 0 ? 'main "quoted"' : undefined) })
    expect(dot).toMatchInlineSnapshot(`
      "digraph program {
        node [shape=box, fontname=monospace]
        subgraph cluster_0 {
          label="main \\"quoted\\""
          b0 [label="0: r1 -= 0x1\\l1: if r1 != 0x0 goto -0x2\\l", xlabel="loop 0, depth 1"]
          b1 [label="2: call pc+0x2\\l3: exit\\l"]
          b2 [label="4: exit\\l", color="grey", fontcolor="grey"]
        }
        subgraph cluster_1 {
          label="function at 5"
          b3 [label="5: exit\\l"]
        }
        b0 -> b1
        b0 -> b0 [color="red"]
        b1 -> b3 [style="dotted", label="call"]
      }
      "
    `)
  })
})
