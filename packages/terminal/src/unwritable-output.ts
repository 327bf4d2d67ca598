import { ExitCode } from './exit-code'

/**
 * Tells the process to stop, as a signal would, when its output can no longer be written. A reader that goes away
 * (`bpf … | head`) is not an error; a full disk is, and the process ends with a failure.
 */
export function stopWhenUnwritable({ stdout, stderr }: Pick<NodeJS.Process, 'stdout' | 'stderr'>): void {
  let told = false
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && !told) {
      told = true
      stderr.write(`error: the output cannot be written: ${error.message}\n`)
      // At the very end, since the command will say how it ended, too.
      process.on('exit', () => {
        process.exitCode = ExitCode.Failed
      })
    }
    process.emit('SIGTERM')
  })
}
