import { expect, it } from 'vitest'
import { openTracePipe } from './open-pipe'

const failing = (code: string) => () => {
  throw Object.assign(new Error(`${code}: open`), { code })
}
const kernel = { ensureTracefs: () => '/sys/kernel/tracing' }

it('says who may read the trace pipe when this user may not', () => {
  expect(() => openTracePipe(kernel, failing('EACCES'))).toThrow(
    expect.objectContaining({ code: 'ERR_BPF_PERMISSION', message: 'this user may not read /sys/kernel/tracing/trace_pipe' }),
  )
  expect(() => openTracePipe(kernel, failing('EMFILE'))).toThrow(expect.objectContaining({ code: 'EMFILE' }))
})
