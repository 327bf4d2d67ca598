import { processIo, runApp } from '@bpf/terminal'
import { commands } from './commands'
import { version } from './version'

const app = {
  name: 'bpf-test',
  summary: 'run BPF objects on real kernels and compare with what is expected',
  version,
  commands,
  fileCommand: 'run',
}

const args = process.argv.slice(2)
/** `bpf-test` and `bpf-test --kernel 6.1` run the bundled scenarios. */
const runs = args[0] === undefined || (args[0].startsWith('-') && !['-h', '--help', '-V', '--version'].includes(args[0]))

process.exitCode = await runApp(app, runs ? ['run', ...args] : args, processIo())
