import type { OptionSpecs } from '@bpf/terminal'
import { behindKeyword } from '../complete'

export const traceOptions = {
  program: {
    type: 'string',
    value: 'PROG',
    complete: behindKeyword('prog', 'name'),
    description: 'the streams of this program: an id, a name, a path; the same as PROG',
  },
  for: { type: 'string', value: 'DURATION', description: 'stop by itself after this time: 500ms, 10s, 2m' },
  json: { type: 'boolean', description: 'print JSON lines' },
} as const satisfies OptionSpecs
