import { AttachType, ProgType } from '@bpf/sys'
import { describe, expect, it } from 'vitest'
import { countingProgram } from '../testing/counting-program'
import { attachErrorOf } from '../testing/errors'
import { testContext } from '../testing/test-context'
import { attachTracingMulti, type TracingMultiTarget } from './tracing-multi'

const context = testContext()
const { sys } = context

/** Functions are looked up before the kernel is asked, so any program will do; the test harness has kernels that take it (7.2). */
function refusalOf(target: TracingMultiTarget) {
  using program = countingProgram(sys, { type: ProgType.RawTracepoint })
  const { name, fd, section, type, attachTarget } = program
  const pretended = { name, fd, section, type, attachTarget, expectedAttachType: AttachType.TraceFentryMulti }
  return attachErrorOf(() => attachTracingMulti(context, pretended, target))
}

describe('a program for many functions', () => {
  it('names a function that is nearly the one', () => {
    const error = refusalOf({ symbol: ['vfs_read', 'vfs_wrte'] })
    expect(error.message).toContain('cannot be attached to vfs_read, vfs_wrte: the kernel\'s BTF has no function "vfs_wrte"')
    expect(error.hint).toContain('vfs_write')
  })

  it('needs functions', () => {
    expect(refusalOf({}).message).toContain('neither the target nor the section names a function')
    expect(refusalOf({ symbol: 'no_such_function_*' }).message).toContain('matches no_such_function_*')
  })

  it('is offered to the kernel with all that match', () => {
    expect(refusalOf({ symbol: 'vfs_*' }).hint).toContain('7.2')
  })
})
