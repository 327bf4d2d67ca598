import { describe, expect, it } from 'vitest'
import { assemble } from './assemble'
import { buildCfg } from './cfg'
import { cfgToSvg } from './cfg-svg'
import { layeredLayout } from './layered-layout'

const box = { width: 10, height: 10 }
const gaps = { x: 5, y: 20 }
const edge = (from: number, to: number, back = false) => ({ from, to, back })

describe('layeredLayout', () => {
  it('puts every box below those that lead to it', () => {
    const { boxes } = layeredLayout([box, box, box, box], [edge(0, 1), edge(0, 2), edge(1, 3), edge(2, 3), edge(0, 3)], gaps)
    expect(boxes.map(({ y }) => y)).toEqual([0, 30, 30, 60])
    const [, left, right] = boxes
    expect(Math.abs((left?.x ?? 0) - (right?.x ?? 0))).toBeGreaterThanOrEqual(box.width + gaps.x)
  })

  it('takes long edges past the boxes between their ends', () => {
    const { boxes, routes } = layeredLayout([box, box, box], [edge(0, 1), edge(1, 2), edge(0, 2)], gaps)
    // Out of the first, down beside the second, into the third.
    expect(routes[2]?.map(({ y }) => y)).toEqual([10, 30, 40, 60])
    const passed = routes[2]?.[1]?.x ?? 0
    const middle = boxes[1]?.x ?? 0
    expect(passed < middle || passed > middle + box.width).toBe(true)
  })

  it('draws edges that lead back from the lower box to the upper one', () => {
    const { routes } = layeredLayout([box, box], [edge(0, 1), edge(1, 0, true)], gaps)
    const ys = routes[1]?.map(({ y }) => y) ?? []
    expect(ys[0]).toBeGreaterThan(ys.at(-1) ?? 0)
  })

  it('holds whatever it is given: nothing, loose boxes, cycles', () => {
    expect(layeredLayout([], [], gaps)).toEqual({ boxes: [], routes: [], width: 0, height: 0 })
    expect(layeredLayout([box, box], [], gaps)).toMatchObject({ width: 25, height: 10 })
    expect(layeredLayout([box, box], [edge(0, 1), edge(1, 0), edge(0, 0)], gaps).routes).toHaveLength(3)
  })
})

describe('cfgToSvg', () => {
  const { code } = assemble(
    `
    r1 = 10
  again:
    r1 += -1
    if r1 > 3 goto again
    call helper
    exit
  helper:
    r0 = r1
    exit`,
    { littleEndian: true },
  )
  const svg = cfgToSvg(buildCfg(code, { littleEndian: true }), { functionName: slot => (slot === 0 ? 'main<"&">' : undefined) })

  it('draws a box a block, with its instructions, and marks loops', () => {
    expect(svg.match(/<rect /g)).toHaveLength(4)
    expect(svg.match(/<rect class="loop"/g)).toHaveLength(1)
    expect(svg).toContain('r1 += -0x1')
    expect(svg).toContain('<path class="back"')
  })

  it('is well-formed: names and comparisons are escaped', () => {
    expect(svg).toContain('main&lt;&quot;&amp;&quot;&gt;')
    expect(svg).toContain('if r1 &gt; 0x3')
    expect(svg).not.toMatch(/NaN|Infinity|undefined/)
  })
})
