// `npm start [-- OBJ] [options]`: installs, builds, and runs `bpf start` with the same arguments.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { build, install, requireNode, root } from './workspace.mjs'

requireNode()
install()
build('@bpf/cli...')

const cli = spawn(process.execPath, [join(root, 'apps/cli/dist/main.js'), 'start', ...process.argv.slice(2)], { stdio: 'inherit' })
// Ctrl-C reaches the whole process group; a signal sent to us alone is passed on, and we outlive the child to report its end.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => signal === 'SIGTERM' && cli.kill(signal))
cli.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)))
