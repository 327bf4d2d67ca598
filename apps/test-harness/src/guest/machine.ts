import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { KernelImageError } from '../kernels/errors'
import { type Message, MessageReader } from '../run/job'
import { type MachineOptions, qemu, qemuArguments } from './qemu'

export interface BootOptions extends MachineOptions {
  readonly onMessage: (message: Message) => void
  /** Milliseconds until the guest has to say something. */
  readonly bootLimit: number
  /** Milliseconds without a word until it counts as hung. */
  readonly silenceLimit: number
  /** Ends the guest at once. */
  readonly signal: AbortSignal
}

/** How a guest ended. */
export type Ending =
  /** It said all it had to say. */
  | { readonly kind: 'done' }
  /** `reason`: the kernel's panic, `no sign of life within 60 s`. */
  | { readonly kind: 'crashed'; readonly reason: string }
  /** The kernel is well, but the runner could not do its work. */
  | { readonly kind: 'failed'; readonly reason: string }

/** Boots a guest and hears it out; QEMU is gone after. @throws KernelImageError if it cannot be run, what `signal` was aborted with */
export function boot(options: BootOptions): Promise<Ending> {
  const { onMessage, bootLimit, silenceLimit, console, signal } = options
  return new Promise((resolve, reject) => {
    const machine = spawn(qemu, qemuArguments(options), { stdio: ['ignore', 'pipe', 'pipe'], signal, killSignal: 'SIGKILL' })
    const reader = new MessageReader()
    let complaint = ''
    let done = false
    let hung: string | undefined
    const giveUp = (reason: string) => {
      hung = reason
      machine.kill('SIGKILL')
    }
    let timer = setTimeout(() => giveUp(`no sign of life within ${bootLimit / 1000} s`), bootLimit)

    machine.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      for (const message of reader.read(chunk)) {
        clearTimeout(timer)
        timer = setTimeout(() => giveUp(`silent for ${silenceLimit / 1000} s`), silenceLimit)
        if (message.kind === 'done') done = true
        onMessage(message)
      }
    })
    machine.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      complaint = (complaint + chunk).slice(-2000)
    })
    machine.on('error', cause => {
      // `close` follows when it is gone.
      if (signal.aborted) return
      clearTimeout(timer)
      reject(new KernelImageError(`${qemu} cannot be run`, { hint: 'apt install qemu-system-x86', cause }))
    })
    machine.on('close', code => {
      clearTimeout(timer)
      if (signal.aborted) return reject(signal.reason)
      if (done) return resolve({ kind: 'done' })
      if (code !== 0 && hung === undefined && complaint !== '')
        return reject(new KernelImageError(`${qemu}: ${complaint.trim().split('\n').at(-1)}`))
      const said = readConsole(console)
      const failure = /the runner ended with \S+/.exec(said)?.[0]
      if (failure !== undefined) return resolve({ kind: 'failed', reason: `${failure}: ${errorIn(said)}` })
      resolve({ kind: 'crashed', reason: panicIn(said) ?? hung ?? 'it ended before it was done' })
    })
  })
}

/** The line that tells why a kernel gave up. */
export function panicIn(text: string): string | undefined {
  const line = /^.*(?:Kernel panic - not syncing: .*|BUG: .*)$/m.exec(text)?.[0]
  return line?.replace(/^\[\s*[\d.]+\]\s*/, '').trim()
}

/** The first error that a process printed. */
function errorIn(text: string): string {
  return /^\S*Error\b.*$/m.exec(text)?.[0].trim() ?? 'see the console'
}

function readConsole(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}
