import { readFixture } from '@bpf/fixtures'
import { type Files, openKernel } from '@bpf/kernel'
import { FakeKernel } from '@bpf/kernel/testing'
import { plan, readObject } from '@bpf/object'
import { createSys } from '@bpf/sys'
import { expect, it } from 'vitest'

/** Files that can change, and that count how often each was read. */
class CountingFiles implements Files {
  readonly contents = new Map([['/sys/devices/system/cpu/possible', '0']])
  readonly #reads: string[] = []

  text(path: string): string | undefined {
    this.#reads.push(path)
    return this.contents.get(path)
  }

  bytes(path: string): Uint8Array | undefined {
    const text = this.text(path)
    return text === undefined ? undefined : new TextEncoder().encode(text)
  }

  version(): undefined {
    return undefined
  }

  list(): readonly string[] {
    return []
  }

  open(): undefined {
    return undefined
  }

  /** Since the last call. */
  takeReads(path: string): number {
    return this.#reads.splice(0).filter(read => read === path).length
  }
}

it('symbols of the kernel are looked up as of one moment in each plan, with those of modules that came meanwhile', async () => {
  const files = new CountingFiles()
  files.contents.set('/proc/modules', '').set('/proc/kallsyms', 'ffffffff81000000 D first\n')
  const kernel = openKernel(createSys({ native: new FakeKernel() }), { files })
  const spec = readObject(await readFixture('object/externs.o'), { name: 'externs' })
  const untyped = spec.externs.find(extern => extern.name === 'bpf_prog_active')
  if (untyped === undefined) throw new Error('the fixture has changed')
  spec.externs = ['first', 'second', 'third', 'fourth'].map(name => ({ ...untyped, name }))
  const modulesReadByPlan = () => {
    files.takeReads('')
    plan(spec, kernel, { keepGoing: true })
    return files.takeReads('/proc/modules')
  }
  expect(modulesReadByPlan()).toBe(1)
  expect(kernel.kallsyms().address('second')).toBeUndefined()
  files.contents.set('/proc/modules', 'late 4096 0 - Live 0xffffffffc0000000\n')
  files.contents.set('/proc/kallsyms', 'ffffffff81000000 D first\nffffffffc0000000 d second\t[late]\n')
  expect(modulesReadByPlan()).toBe(1)
  expect(kernel.kallsyms().address('second')).toBe(0xffffffffc0000000n)
})
