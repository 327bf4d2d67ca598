import { processIo, runApp } from '@bpf/terminal'
import { commands } from './commands'
import { version } from './version'

const app = {
  name: 'bpf-test',
  summary: 'run BPF objects on real kernels and compare with what is expected',
  version,
  commands,
  fileCommand: undefined,
}

process.exitCode = await runApp(app, process.argv.slice(2), processIo())
