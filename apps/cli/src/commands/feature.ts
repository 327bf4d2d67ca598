import { defineCommand } from '@bpf/terminal'
import { behindWord } from '../complete'
import { probeWords } from '../feature/probe-words'

/** What this kernel can do, found out by trying. */
export const feature = defineCommand({
  name: 'feature',
  summary: 'show what this kernel can do, found out by trying; or whether it has all that an object needs',
  operands: '[probe | list_builtins prog_types|map_types|attach_types|link_types|helpers]',
  maxOperands: 7,
  complete: behindWord({
    probe: async () => probeWords,
    list_builtins: async ({ positionals }) => (positionals.length === 0 ? (await import('../feature/builtins')).builtinGroups : []),
  }),
  options: {
    helpers: { type: 'boolean', description: 'also the helpers that each program type may call: some seconds' },
    type: { type: 'string', multiple: true, value: 'TYPE', description: 'with --helpers: only those of this program type: xdp, sched_cls' },
    full: { type: 'boolean', description: 'also the helpers that the kernel logs a warning of when they are tried' },
    unprivileged: { type: 'boolean', description: 'as a user without capabilities finds it: what is refused counts as absent' },
    macros: { type: 'boolean', description: 'print C macros, as bpftool feature probe macros does' },
    prefix: { type: 'string', value: 'PREFIX', description: 'with --macros: what their names begin with' },
    against: { type: 'string', value: 'OBJ', description: 'only what this object needs, and whether it is here; exit code 4 if it is not' },
    json: { type: 'boolean', description: 'print one JSON document' },
    'bpftool-json': { type: 'boolean', description: 'print what bpftool -j feature probe prints' },
  },
  examples: [
    'bpf feature',
    'bpf feature --helpers --type xdp             what may an XDP program call?',
    'bpf feature --against obj.o                  does this kernel have what obj.o needs?',
    "bpf feature --json | jq '.mapTypes.arena'    true, false, or null: could not tell",
    'bpf feature --unprivileged                   what may anybody do?',
    'bpf feature probe kernel macros prefix MY_   in the words of bpftool: also full, unprivileged',
    'bpf feature list_builtins map_types          what there is to ask for, whatever the kernel',
  ],
  run: async invocation => {
    const { runFeature } = await import('../feature/run')
    return runFeature(invocation)
  },
})
