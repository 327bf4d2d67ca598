/** A reader that goes away (`bpf … | head`) is not an error: the process is told to stop, as by a signal. */
export function stopWhenReaderGoes(stdout: NodeJS.WriteStream): void {
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.emit('SIGTERM')
    else throw error
  })
}
