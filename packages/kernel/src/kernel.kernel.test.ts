import { readFileSync } from 'node:fs'
import type { Btf } from '@bpf/btf'
import { createSys } from '@bpf/sys'
import { describe, expect, it } from 'vitest'
import { openKernel } from './index'

const kernel = openKernel(createSys())

describe('the running kernel', () => {
  it('tells its plain facts', () => {
    expect(kernel.kernelVersion).toBeGreaterThan(0x040000)
    expect(kernel.pageSize).toBeGreaterThanOrEqual(4096)
    expect(kernel.possibleCpus).toBeGreaterThanOrEqual(kernel.onlineCpus().length)
    expect(kernel.description).toContain(kernel.release)
  })

  it('has BTF', () => {
    expect(kernel.vmlinuxBtf()?.find('task_struct', 'struct')).toBeDefined()
    expect(kernel.btfPath).toBe('/sys/kernel/btf/vmlinux')
    expect(kernel.moduleBtf('no_such_module')).toBeUndefined()
  })

  it('reads its BTF as it is, in place where the kernel lets it be mapped (6.16)', () => {
    const path = '/sys/kernel/btf/vmlinux'
    const { bytes } = openKernel(createSys()).vmlinuxBtf() as Btf
    expect(Buffer.compare(bytes, readFileSync(path))).toBe(0)
    expect(readFileSync('/proc/self/maps', 'utf8').includes(path)).toBe(kernel.kernelVersion >= 0x061000)
  })

  it('has symbols', () => {
    const address = kernel.kernelSymbol('_stext')
    expect(address).toBeTypeOf('bigint')
    expect(kernel.kernelSymbol('no such symbol')).toBeUndefined()
    const read = kernel.kallsyms().find('vfs_read')[0]
    expect(read).toMatchObject({ type: 'T', module: undefined })
    expect(kernel.kallsyms().symbolAt((read?.address ?? 0n) + 3n)).toEqual({ symbol: read, offset: 3 })
  })

  it('has its configuration', () => {
    expect(kernel.kconfig('CONFIG_BPF_SYSCALL')).toBe('y')
    expect(kernel.kconfig('CONFIG_NO_SUCH_THING')).toBeUndefined()
  })
})
