import { EventEmitter } from 'node:events'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { onStopSignal } from './stop-signals'
import { stopWhenUnwritable } from './unwritable-output'

afterEach(() => void vi.restoreAllMocks())

/** What is said on stderr, how often the process is told to stop, and how many times it is made to fail. */
function afterErrors(...codes: string[]) {
  const stdout = new EventEmitter()
  const said: string[] = []
  const stop = vi.fn()
  using _ = onStopSignal(stop)
  stopWhenUnwritable({ stdout, stderr: { write: (text: string) => said.push(text) } } as never)
  const listen = vi.spyOn(process, 'on').mockReturnValue(process)
  for (const code of codes) stdout.emit('error', Object.assign(new Error(`${code}: no luck, write`), { code }))
  return { said, stops: stop.mock.calls.length, failures: listen.mock.calls.filter(([event]) => event === 'exit').length }
}

describe('output that cannot be written', () => {
  it('because its reader went away stops the process, and is no failure', () => {
    expect(afterErrors('EPIPE')).toEqual({ said: [], stops: 1, failures: 0 })
  })

  it('for another reason is told once, and a failure', () => {
    const said = ['error: the output cannot be written: ENOSPC: no luck, write\n']
    expect(afterErrors('ENOSPC', 'ENOSPC')).toEqual({ said, stops: 2, failures: 1 })
  })
})
