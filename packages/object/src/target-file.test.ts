import { describe, expect, it } from 'vitest'
import { fileTarget, versionCode } from './target-file'
import { symbolsOf } from './target-kallsyms'
import { buildBtf } from './testing/build-btf'

const vmlinux = buildBtf(b => [
  b.enum('bpf_func_id', { BPF_FUNC_map_lookup_elem: 1, BPF_FUNC_get_attach_cookie: 174 }),
  b.enum('bpf_attach_type', { BPF_CGROUP_INET_INGRESS: 0 }),
  b.func('__x64_sys_bpf', b.proto(0)),
])
const module = buildBtf(b => b.func('nf_hook', b.proto(0)), { base: vmlinux.btf })

describe('fileTarget', () => {
  it('describes a kernel by its files', () => {
    const target = fileTarget({
      vmlinux: vmlinux.btf.bytes,
      modules: { nf: module.btf.bytes, broken: new Uint8Array(4) },
      kallsyms: 'ffffffff81000000 T _stext\n',
      kconfig: '# CONFIG_A is not set\nCONFIG_HZ=250\nCONFIG_B=y\r\nCONFIG_TEXT="a=b"\n',
      version: '6.12.30-amd64',
      possibleCpus: 8,
      pageSize: 16384,
    })
    expect(target).toMatchObject({
      description: 'Linux 6.12.30-amd64',
      littleEndian: true,
      kernelVersion: 0x060c1e,
      possibleCpus: 8,
      pageSize: 16384,
    })
    expect(target.vmlinuxBtf()?.endId).toBe(vmlinux.btf.endId)
    expect(target.vmlinuxBtf()).toBe(target.vmlinuxBtf())
    expect(target.moduleNames()).toEqual(['nf', 'broken'])
    expect(target.moduleBtf('nf')?.idsByName('nf_hook')).toHaveLength(1)
    expect([target.moduleBtf('broken'), target.moduleBtf('absent')]).toEqual([undefined, undefined])
    expect(target.kallsyms().address('_stext')).toBe(0xffffffff81000000n)
    expect(['CONFIG_A', 'CONFIG_HZ', 'CONFIG_B', 'CONFIG_TEXT'].map(name => target.kconfig(name))).toEqual([undefined, '250', 'y', '"a=b"'])
  })

  it('needs no more than a version', () => {
    const target = fileTarget({ version: '5.4' })
    expect([target.vmlinuxBtf(), target.kallsyms().address('x'), target.kconfig('CONFIG_X'), target.moduleNames()]).toEqual([
      undefined,
      undefined,
      undefined,
      [],
    ])
    expect(target.has('syscallWrapper')).toBeUndefined()
  })

  it('takes the byte order of the BTF, and shares BTF that is parsed', () => {
    const big = buildBtf(b => b.int('int', 4), { littleEndian: false }).btf
    const target = fileTarget({ vmlinux: big, version: '6.1' })
    expect(target.littleEndian).toBe(false)
    expect(target.vmlinuxBtf()).toBe(big)
  })

  it('infers features from the version, or from BTF where that shows them', () => {
    const old = fileTarget({ version: '5.10.0' })
    expect([old.has('btfDatasec'), old.has('btfEnum64'), old.has('bpfCookie')]).toEqual([true, false, false])
    const patched = fileTarget({ version: '5.10.0', vmlinux: vmlinux.btf })
    expect([patched.has('bpfCookie'), patched.has('syscallWrapper')]).toEqual([true, true])
    const cut = fileTarget({ version: '6.12.0', vmlinux: vmlinux.btf })
    expect([cut.has('kprobeMulti'), cut.has('probeReadKernel')]).toEqual([false, false])
    expect(fileTarget({ version: '5.10.0', features: { btfEnum64: true } }).has('btfEnum64')).toBe(true)
    expect(fileTarget({ version: '4.14.0', kallsyms: 'ffffffff81000000 T sys_bpf\n' }).has('syscallWrapper')).toBe(false)
  })

  it('says when BTF is damaged, once it is needed', () => {
    expect(() => fileTarget({ version: '6.1', vmlinux: new Uint8Array(3), littleEndian: true })).not.toThrow()
    expect(() => fileTarget({ version: '6.1', vmlinux: new Uint8Array(3) })).toThrow('BTF of vmlinux')
  })
})

describe('kernel versions', () => {
  it.each([
    ['6.12.30', 0x060c1e],
    ['6.18.44-fc-v445', 0x06122c],
    ['5.4', 0x050400],
    ['4.19.325', 0x0413ff],
  ])('%s', (text, code) => {
    expect(versionCode(text)).toBe(code)
  })

  it.each(['', 'six', '6', 'v6.1'])('%j is none', text => {
    expect(() => versionCode(text)).toThrow(expect.objectContaining({ code: 'ERR_BPF_TARGET_VERSION' }))
  })
})

describe('symbols', () => {
  const text = [
    'ffffffff81000000 T _stext',
    'ffffffff81000010 t helper',
    'ffffffff81000020 t helper',
    'ffffffff81000030 T same',
    'ffffffff81000030 t same',
    'ffffffff81000040 d data.llvm.1234',
    'ffffffff81000050 t func.llvm.1234',
    'ffffffffc0000000 t mod_func\t[nf]',
    'ffffffff81000060 T a_stext_more',
    '',
  ].join('\n')

  it.each([
    ['_stext', 0xffffffff81000000n],
    ['same', 0xffffffff81000030n],
    ['helper', 'ambiguous'],
    ['data', 0xffffffff81000040n],
    ['func', undefined],
    ['mod_func', 0xffffffffc0000000n],
    ['stext', undefined],
    ['_stex', undefined],
  ])('%s is %s', (name, address) => {
    expect(symbolsOf(text).address(name)).toBe(address)
  })

  it('are hidden when all addresses are zero, but one may be zero', () => {
    expect(symbolsOf('0000000000000000 T _stext\n0000000000000000 T other\n').address('_stext')).toBe('restricted')
    expect(symbolsOf('0000000000000000 A per_cpu\nffffffff81000000 T _stext\n').address('per_cpu')).toBe(0n)
  })
})
