import { openSync } from 'node:fs'
import { expect, it, vi } from 'vitest'
import { openTracePipe } from './open-pipe'

vi.mock('node:fs', async original => ({ ...(await original<typeof import('node:fs')>()), openSync: vi.fn() }))

const failing = (code: string) => () => {
  throw Object.assign(new Error(`${code}: open`), { code })
}
const kernel = { ensureTracefs: () => '/sys/kernel/tracing' }

it('says who may read the trace pipe when this user may not', () => {
  vi.mocked(openSync).mockImplementation(failing('EACCES'))
  expect(() => openTracePipe(kernel)).toThrow(
    expect.objectContaining({ code: 'ERR_BPF_PERMISSION', message: 'this user may not read /sys/kernel/tracing/trace_pipe' }),
  )
  vi.mocked(openSync).mockImplementation(failing('EMFILE'))
  expect(() => openTracePipe(kernel)).toThrow(expect.objectContaining({ code: 'EMFILE' }))
})
