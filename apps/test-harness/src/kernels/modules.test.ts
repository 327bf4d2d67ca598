import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { moduleClosure, moduleName, readModuleDirectory } from './modules'

describe('modules', () => {
  it('have names without path, compression and dashes', () => {
    expect(['kernel/drivers/net/veth.ko', 'nf-conntrack.ko.xz', 'cls_bpf.ko.zst', 'sch_ingress'].map(moduleName)).toEqual([
      'veth',
      'nf_conntrack',
      'cls_bpf',
      'sch_ingress',
    ])
  })

  it('come after what they depend on, each once', () => {
    const depends: Readonly<Record<string, readonly string[]>> = {
      nf_nat: ['nf_conntrack'],
      nf_conntrack: ['nf_defrag_ipv4', 'nf_defrag_ipv6'],
      nf_defrag_ipv4: [],
      nf_defrag_ipv6: [],
    }
    expect(moduleClosure(['nf_nat', 'nf-conntrack', 'no_such'], name => depends[name])).toEqual([
      'nf_defrag_ipv4',
      'nf_defrag_ipv6',
      'nf_conntrack',
      'nf_nat',
    ])
  })

  it('that depend on each other end', () => {
    expect(moduleClosure(['a'], name => (name === 'a' ? ['b'] : ['a']))).toEqual(['b', 'a'])
  })

  it('are files, or in the kernel', () => {
    const directory = mkdtempSync(join(tmpdir(), 'bpf-test-'))
    onTestFinished(() => rmSync(directory, { recursive: true }))
    mkdirSync(join(directory, 'kernel/net'), { recursive: true })
    writeFileSync(join(directory, 'kernel/net/veth.ko.xz'), '')
    writeFileSync(join(directory, 'modules.builtin'), 'kernel/net/netkit.ko\n')
    const { builtIn, files } = readModuleDirectory(directory)
    expect([...builtIn]).toEqual(['netkit'])
    expect(files.get('veth')).toBe(join(directory, 'kernel/net/veth.ko.xz'))
  })
})
