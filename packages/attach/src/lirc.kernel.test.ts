import { ProgType } from '@bpf/sys'
import { describe, expect, it } from 'vitest'
import { attachLirc } from './lirc'
import { countingProgram } from './testing/counting-program'
import { attachErrorOf } from './testing/errors'
import { testContext } from './testing/test-context'

const context = testContext()

describe('an infrared receiver', () => {
  it('must be there', () => {
    using program = countingProgram(context.sys, { type: ProgType.SocketFilter })
    const error = attachErrorOf(() => attachLirc(context, program, { device: '/dev/lirc99' }))
    expect(error.message).toContain('infrared receiver /dev/lirc99: ENOENT')
    expect(error.hint).toMatch(/^there is/)
  })

  it('must be one', () => {
    using program = countingProgram(context.sys, { type: ProgType.SocketFilter })
    expect(attachErrorOf(() => attachLirc(context, program, { device: '/dev/null' })).hint).toContain(
      '/dev/null may be no infrared receiver',
    )
  })
})
