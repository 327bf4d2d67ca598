import { processIo, runApp } from '@bpf/terminal'
import { app } from './app'

process.exitCode = await runApp(app, process.argv.slice(2), processIo())
