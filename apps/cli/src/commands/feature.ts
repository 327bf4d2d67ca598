import { defineCommand } from '@bpf/terminal'

/** What this kernel can do, found out by trying. */
export const feature = defineCommand({
  name: 'feature',
  summary: 'show what this kernel can do, found out by trying; or whether it has all that an object needs',
  operands: '[list_builtins prog_types|map_types|attach_types|link_types|helpers]',
  maxOperands: 2,
  options: {
    helpers: { type: 'boolean', description: 'also the helpers that each program type may call: some seconds' },
    type: { type: 'string', multiple: true, value: 'TYPE', description: 'with --helpers: only those of this program type: xdp, sched_cls' },
    against: { type: 'string', value: 'OBJ', description: 'only what this object needs, and whether it is here; exit code 4 if it is not' },
    json: { type: 'boolean', description: 'print one JSON document' },
    'bpftool-json': { type: 'boolean', description: 'print what bpftool -j feature probe prints' },
  },
  examples: [
    'bpf feature',
    'bpf feature --helpers --type xdp             what may an XDP program call?',
    'bpf feature --against obj.o                  does this kernel have what obj.o needs?',
    "bpf feature --json | jq '.mapTypes.arena'    true, false, or null: could not tell",
    'bpf feature list_builtins map_types          what there is to ask for, whatever the kernel',
  ],
  run: async invocation => {
    const { runFeature } = await import('../feature/run')
    return runFeature(invocation)
  },
})
