import { getMapInfo } from '@bpf/sys'
import { createContext, open } from '../../index'

/**
 * Loads and attaches the object named first, says what is in the kernel now, and stays. With a second argument, stops in
 * the middle: when that map has been created.
 */
const [path = '', stopAt] = process.argv.slice(2)
const context = createContext()
const maps: number[] = []

function stay(programs: number[], links: (number | undefined)[]): void {
  process.stdout.write(`${JSON.stringify({ map: maps, prog: programs, link: links })}\n`)
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
}

const object = open(path, { context }).load({
  onEvent(event) {
    if (event.kind !== 'map') return
    maps.push(getMapInfo(context.sys, event.map.fd.fd).id)
    if (event.map.plan.name === stopAt) stay([], [])
  },
})
const { links } = object.attach()
stay(
  [...object.programs.values()].map(program => program.info().id),
  links.map(link => link.id),
)
