import type { OptionSpecs } from '@bpf/terminal'

/** Options of the commands that list what is in the kernel. */
export const listOptions = {
  json: { type: 'boolean', description: 'print one JSON document' },
  'bpftool-json': { type: 'boolean', description: "print bpftool's own JSON, as bpftool -j -f does" },
} as const satisfies OptionSpecs
