import type { OptionSpecs } from '@bpf/terminal'

export const traceOptions = {
  program: { type: 'string', value: 'PROG', description: 'the streams of this program: an id, a name, a path; the same as PROG' },
  for: { type: 'string', value: 'DURATION', description: 'stop by itself after this time: 500ms, 10s, 2m' },
  json: { type: 'boolean', description: 'print JSON lines' },
} as const satisfies OptionSpecs
