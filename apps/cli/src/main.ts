import { processIo, runApp } from '@bpf/terminal'
import { commands } from './commands'
import { version } from './version'

const app = { name: 'bpf', summary: 'load, attach, observe and explain BPF objects', version, commands, fileCommand: 'start' }

process.exitCode = await runApp(app, process.argv.slice(2), processIo())
