import { fileURLToPath } from 'node:url'

const object = name => fileURLToPath(new URL(`../../fixtures/objects/bench/${name}`, import.meta.url))

/**
 * What is run: `ours-<name>.mjs` and, unless it has none, its peer `<name>.c`, with the same arguments.
 *
 * @typedef {object} Program
 * @property {string} name
 * @property {readonly string[]} [args]
 * @property {readonly string[]} [node]  options of Node
 * @property {number} rounds
 * @property {number} [warmUp]  rounds that do not count: what comes after them is what a process that runs for days sees
 * @property {'thread' | 'process'} [rusageOf]  whose time is measured: see peers/exact-rusage.c
 * @property {string} [suffix]  of the names of what it measures
 * @property {false} [peer]
 */

/** @type {readonly Program[]} */
export const programs = [
  { name: 'maps', rounds: 50, warmUp: 10 },
  { name: 'dump', rounds: 6, warmUp: 1 },
  { name: 'ring', args: [object('fill-ring.o')], rounds: 12, warmUp: 4 },
  { name: 'records', args: [object('fill-ring.o'), 'decoded'], rounds: 12, warmUp: 4, peer: false },
  { name: 'records', args: [object('fill-ring.o'), 'in batches'], rounds: 12, warmUp: 4, peer: false },
  { name: 'load', args: [object('thirty.o')], rounds: 22, rusageOf: 'thread' },
  { name: 'load', args: [object('thirty.o')], rounds: 22, rusageOf: 'process', suffix: ', all threads' },
  { name: 'btf', node: ['--expose-gc'], rounds: 10, rusageOf: 'thread', peer: false },
]
