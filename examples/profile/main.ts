/** Where CPUs spend their time, as call stacks with names. Usage: main.ts [SECONDS] [PID] */
import { setTimeout } from 'node:timers/promises'
import { createContext } from '@bpf/loader'
import { open, type Sample } from './object.gen.ts'
import { ProcessSymbols } from './process-symbols.ts'

const [seconds = '5', pid = '0'] = process.argv.slice(2)

const context = createContext()
using object = open({ context }).set('target_pid', Number(pid)).load()
const stacks = object.map('stacks')
object.attach({ targets: { take_sample: 'perf_event=cpu-clock,frequency=99' } })
console.error(`sampling for ${seconds} s`)
await setTimeout(Number(seconds) * 1000)

const kernelSymbols = context.kernel.kallsyms()
const processes = new Map<number, ProcessSymbols>()

function symbolsOf(pid: number): ProcessSymbols {
  const known = processes.get(pid) ?? new ProcessSymbols(pid)
  processes.set(pid, known)
  return known
}

/** Innermost first, as stacks are. Negative ids: there was none, or no room for it. */
const addresses = (id: number): readonly bigint[] => (id < 0 ? [] : (stacks.get(id) ?? []))

function namesOf({ pid, kernel_stack, user_stack }: Sample): string[] {
  const inKernel = addresses(kernel_stack).map(address => `${kernelSymbols.symbolAt(address)?.symbol.name ?? '?'} [kernel]`)
  return [...inKernel, ...addresses(user_stack).map(address => symbolsOf(pid).nameOf(address))]
}

const samples = [...object.map('samples')].toSorted(([, a], [, b]) => Number(b - a))
for (const [sample, count] of samples.slice(0, 20)) {
  console.log(`${count} samples of ${sample.comm}, ${sample.pid}`)
  for (const name of namesOf(sample)) console.log(`    ${name}`)
}
