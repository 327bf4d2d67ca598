import { MapFlag } from '@bpf/object'
import { RENUMBERED } from './compare-load'
import type { Difference } from './difference'

interface Explanation {
  readonly matches: (difference: Difference) => boolean
  readonly reason: string
}

/** Differences that are meant: where we do better, or where two versions of libbpf disagree. */
const explanations: readonly Explanation[] = [
  {
    matches: d => d.fact === 'tag' && d.actual.endsWith(RENUMBERED),
    reason: "the instructions hold BTF ids of this kernel; with the numbering of the baseline's kernel the tag is equal",
  },
  {
    matches: d => d.fact === 'refused',
    reason: "this kernel refuses instructions that the baseline's kernel took from libbpf: ours are the same, their tags are equal",
  },
  {
    matches: d => d.stage === 'open' && d.subject.startsWith('program ') && d.fact === 'type' && d.expected === '0',
    reason: 'the section is named by the rules of older loaders, which libbpf 1.x no longer guesses: we set the program type',
  },
  {
    matches: d => d.stage === 'open' && d.fact === 'max_entries' && Number(d.expected) === 4096 && Number(d.actual) < 4096,
    reason: 'libbpf rounds ring buffers up to a page while it reads; we leave the spec as written and round in the plan',
  },
  {
    matches: d =>
      d.stage === 'open' &&
      d.fact === 'flags' &&
      Number(d.expected) === Number(d.actual) + MapFlag.Mmapable &&
      d.subject.includes('.rodata.str'),
    reason: 'libbpf 0.8 makes every data section mappable; since 1.0, as with us, only those with a variable that is visible from outside',
  },
  {
    matches: d => d.fact === 'tag' && d.object.endsWith('/test_snprintf.bpf.o'),
    reason: 'the instructions hold the address of a kernel symbol (extern const void schedule __ksym), which is another at each boot',
  },
  {
    matches: d => d.fact === 'xlated' && d.object.endsWith('f-samples-6.18/test_map_in_map.bpf.o'),
    reason:
      'LINUX_HAS_SYSCALL_WRAPPER: libbpf looks for the wrapper by placing a kprobe, and says no where there are no kprobes; we look at the symbols',
  },
]

export function explanationOf(difference: Difference): string | undefined {
  return explanations.find(e => e.matches(difference))?.reason
}
