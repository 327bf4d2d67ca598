/**
 * What is measured. Each measure is a value that a peer, a C program of ours on libbpf, and we print under the same name;
 * ratios are taken round by round, of which the median counts.
 *
 * @typedef {object} Measure
 * @property {string} name  what both sides print
 * @property {string} title
 * @property {string} unit
 * @property {'smaller' | 'larger'} better
 * @property {string} [peer]  name of what the peer prints, if another
 * @property {number} [goal]  ratio ours / peer that must not be exceeded, or must be reached; none: for information
 */

/** @type {readonly Measure[]} */
export const measures = [
  { name: 'map lookup', title: 'map lookup', unit: 'ns', better: 'smaller', goal: 1.25 },
  { name: 'map update', title: 'map update', unit: 'ns', better: 'smaller', goal: 1.25 },
  { name: 'map dump', title: 'batch dump of 1,000,000 entries', unit: 'ms', better: 'smaller', goal: 2 },
  { name: 'ring raw', title: 'ring buffer, raw callback, 64 B', unit: 'M records/s', better: 'larger', goal: 0.8 },
  { name: 'load', title: 'open, plan and load 30 CO-RE programs', unit: 'ms', better: 'smaller', goal: 2 },
  { name: 'load again', peer: 'load', title: '… kernel BTF indexed before', unit: 'ms', better: 'smaller', goal: 1 },
  { name: 'first load', title: '… first of the process', unit: 'ms', better: 'smaller' },
  { name: 'load, all threads', title: '… with the time of all threads', unit: 'ms', better: 'smaller' },
  {
    name: 'load again, all threads',
    peer: 'load, all threads',
    title: '… kernel BTF indexed before, with the time of all threads',
    unit: 'ms',
    better: 'smaller',
  },
]

/** Measures without a peer: a goal of their own. */
export const absolutes = [
  { name: 'ring decoded', title: 'ring buffer, decoded records, 64 B', unit: 'M records/s', better: 'larger', goal: 3 },
  { name: 'ring in batches', title: '… the same in batches', unit: 'M records/s', better: 'larger', goal: 3 },
  { name: 'btf index', title: "the kernel's BTF indexed, first of the process", unit: 'ms', better: 'smaller', goal: 10 },
  { name: 'btf memory', title: '… memory that the index takes', unit: 'MB', better: 'smaller', goal: 4 },
  { name: 'decode', title: 'struct of 10 fields decoded', unit: 'ns', better: 'smaller', goal: 500 },
  { name: 'command', title: 'bpf --version beyond node -e 0', unit: 'ms', better: 'smaller', goal: 30 },
]
