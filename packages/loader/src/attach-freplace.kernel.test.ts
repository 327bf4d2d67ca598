import { AttachError, attachFreplace } from '@bpf/attach'
import { Errno, isSyscallError } from '@bpf/sys'
import { describe, expect, it } from 'vitest'
import type { LoadedObject } from './loaded-object'
import { isRoot, kernelTest } from './testing/kernel'

describe.skipIf(!isRoot)('a function of a program (needs root)', () => {
  const { context, openFixture } = kernelTest()
  const open = () => openFixture('attach/freplace.o')
  const verdict = (object: LoadedObject) => object.program('target').run({ data: new Uint8Array(64) }).returnValue

  /** Undefined on kernels that do not let code be patched, which some answer with EPERM. */
  async function replacementFor(target: LoadedObject): Promise<LoadedObject | undefined> {
    try {
      return (await open()).only('replacement').load({ programs: { replacement: { targetProgram: target.program('target').fd } } })
    } catch (error) {
      for (let cause = error; cause instanceof Error; cause = cause.cause) {
        if (isSyscallError(cause, Errno.EPERM, Errno.ENOTSUPP)) return undefined
      }
      throw error
    }
  }

  it.for(['bpf link', 'raw_tracepoint_open'] as const)(
    'is replaced by %s until the link is closed (code that can be patched)',
    async (via, { skip }) => {
      using target = (await open()).only('target').load()
      using object = await replacementFor(target)
      if (object === undefined) return skip('this kernel does not let code be patched')
      const link = attachFreplace(context, object.program('replacement'), { interfaces: [via] })
      expect(link).toMatchObject({ kind: 'freplace', interface: via })
      expect(verdict(target)).toBe(2)
      link.close()
      expect(verdict(target)).toBe(1)
    },
  )

  it('has a name', async () => {
    using target = (await open()).only('target').load()
    const program = { ...fields(target), section: 'freplace/verdct', attachTarget: 'verdct' }
    try {
      attachFreplace(context, program, { program: target.program('target') })
      expect.unreachable()
    } catch (error) {
      expect(error).toBeInstanceOf(AttachError)
      expect(error).toMatchObject({ message: expect.stringContaining('it has no such function'), hint: 'did you mean verdict?' })
    }
  })

  /** The function is looked up before the kernel is asked, so any program will do. */
  function fields(object: LoadedObject) {
    const { fd, name, type, expectedAttachType } = object.program('target')
    return { fd, name, type, expectedAttachType }
  }
})
