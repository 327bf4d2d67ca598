import { createSys } from '@bpf/sys'
import { describe, expect, it } from 'vitest'
import { openKernel } from './kernel'
import { compareConstants, compareLayouts } from './testing'

const kernel = openKernel(createSys())
const btf = kernel.vmlinuxBtf()
const title = btf === undefined ? 'what @bpf/sys knows of the header (needs the BTF of the kernel)' : 'what @bpf/sys knows of the header'

/** Commands that this kernel may be too old for. */
const recent: Readonly<Record<string, number>> = {
  tokenInfo: 0x061100,
  progStreamRead: 0x061100,
  progAssocStructOps: 0x070000,
  commonAttr: 0x070200,
}

describe.skipIf(btf === undefined)(title, () => {
  const layouts = btf === undefined ? [] : compareLayouts(btf)

  it.each(layouts)('layout $table', ({ table, found, wrong }) => {
    expect(wrong).toEqual([])
    if (kernel.kernelVersion >= (recent[table] ?? 0)) expect(found).toBeGreaterThan(0)
  })

  it('layouts of every command and every info', () => {
    expect(layouts.length).toBeGreaterThan(45)
    expect(layouts.find(({ table }) => table === 'perfEventAttr')?.found).toBeGreaterThan(15)
  })

  it.each(btf === undefined ? [] : compareConstants(btf))('constants of $table', ({ found, wrong, unknown }) => {
    expect(wrong).toEqual([])
    expect(unknown).toEqual([])
    expect(found).toBeGreaterThan(3)
  })
})
