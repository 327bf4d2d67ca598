import type { App } from '@bpf/terminal'
import { translateBpftoolOptions } from './bpftool-options'
import { commands } from './commands'
import { version } from './version'

/** The command line app: what `main.ts` runs, and what help, completion and documentation are made from. */
export const app: App = {
  name: 'bpf',
  summary: 'load, attach, observe and explain BPF objects',
  version,
  commands,
  fileCommand: 'start',
  translate: translateBpftoolOptions,
}
