import { gzipSync } from 'node:zlib'
import { encodeBtf } from '@bpf/btf'
import { createSys } from '@bpf/sys'
import { describe, expect, it } from 'vitest'
import { parseCpuList } from './cpus'
import { findKconfig, KconfigError, parseKconfig, readKconfig } from './kconfig'
import { openKernel } from './kernel'
import { formatKernelVersion, kernelVersionOf } from './kernel-version'
import { findBpffs, findTracefs, parseMounts } from './mounts'
import { fakeFiles } from './testing/fake-files'
import { FakeKernel } from './testing/fake-kernel'

describe('parseCpuList', () => {
  it.each([
    ['0\n', [0]],
    ['0-3\n', [0, 1, 2, 3]],
    ['0-1,4,6-7', [0, 1, 4, 6, 7]],
    ['', []],
  ])('reads %j', (text, cpus) => expect(parseCpuList(text)).toEqual(cpus))

  it.each(['x', '3-1', '0-', '0-99999999999', '1,,x'])('refuses %j', text => {
    expect(() => parseCpuList(text)).toThrow('not a list of CPUs')
  })
})

describe('BTF that is given', () => {
  const int = (size: number) => encodeBtf([{ kind: 'int', name: 'int', size }])
  const kernelWith = (files: Readonly<Record<string, Uint8Array>>) =>
    openKernel(createSys({ native: new FakeKernel() }), { files: fakeFiles({ '/tmp/small.btf': int(2), ...files }), btf: '/tmp/small.btf' })
  const sizeIn = (btf: ReturnType<ReturnType<typeof kernelWith>['vmlinuxBtf']>) => btf?.find('int', 'int')?.size

  it("is what is relocated against; what is named to the kernel by id comes from the kernel's own", () => {
    const kernel = kernelWith({ '/sys/kernel/btf/vmlinux': int(4), '/sys/kernel/btf/nf': int(4) })
    expect(sizeIn(kernel.coreTypes?.vmlinuxBtf())).toBe(2)
    expect(kernel.coreTypes?.moduleNames()).toEqual([])
    expect([sizeIn(kernel.vmlinuxBtf()), kernel.btfPath, kernel.moduleNames()]).toEqual([4, '/sys/kernel/btf/vmlinux', ['nf']])
  })

  it('of many kernels counts if this one is among them', () => {
    const files = fakeFiles({ '/sys/kernel/btf/vmlinux': int(4), '/btf/another.btf': int(2) })
    const kernel = openKernel(createSys({ native: new FakeKernel() }), { files, btf: '/btf' })
    expect([sizeIn(kernel.vmlinuxBtf()), kernel.coreTypes]).toEqual([4, undefined])
  })

  it('is all there is where the kernel has none', () => {
    const kernel = kernelWith({})
    expect([sizeIn(kernel.vmlinuxBtf()), kernel.btfPath, kernel.coreTypes]).toEqual([2, '/tmp/small.btf', undefined])
  })
})

describe('possible CPUs', () => {
  it('are counted without the holes, as the kernel packs per-CPU values', () => {
    const kernel = openKernel(createSys({ native: new FakeKernel() }), {
      files: fakeFiles({ '/sys/devices/system/cpu/possible': '0,2-3\n' }),
    })
    expect([kernel.possibleCpus, kernel.possibleCpuList()]).toEqual([3, [0, 2, 3]])
    expect(() => kernel.onlineCpus()).toThrow('online CPUs: /sys/devices/system/cpu/online cannot be read')
  })
})

describe('kernelVersionOf', () => {
  it.each([
    ['plain', { release: '6.18.44-fc-v445', version: '#1 SMP', signature: undefined }, '6.18.44'],
    ['without a patch level', { release: '5.10-rc1', version: '', signature: undefined }, '5.10.0'],
    ['Debian', { release: '4.19.0-22-amd64', version: '#1 SMP Debian 4.19.260-1 (2022-09-29)', signature: undefined }, '4.19.255'],
    ['Ubuntu', { release: '5.4.0-12-generic', version: '#15-Ubuntu SMP', signature: 'Ubuntu 5.4.0-12.15-generic 5.4.8\n' }, '5.4.8'],
    ['nothing to read', { release: 'custom', version: '', signature: undefined }, '0.0.0'],
  ])('%s', (_, sources, version) => expect(formatKernelVersion(kernelVersionOf(sources))).toBe(version))
})

describe('kconfig', () => {
  const text =
    '# Automatically generated\nCONFIG_BPF=y\n# CONFIG_KPROBES is not set\nCONFIG_LSM="lockdown,bpf"\nCONFIG_HZ=250\nCONFIG_BPF_JIT=m'

  it('finds options as they are written', () => {
    const config = parseKconfig(text)
    expect(['CONFIG_BPF', 'CONFIG_KPROBES', 'CONFIG_LSM', 'CONFIG_HZ', 'CONFIG_BPF_JIT', 'CONFIG_B'].map(config.get)).toEqual([
      'y',
      undefined,
      '"lockdown,bpf"',
      '250',
      'm',
      undefined,
    ])
  })

  it('unpacks gzip', () => {
    expect(readKconfig(gzipSync(text), 'x').get('CONFIG_HZ')).toBe('250')
    expect(() => readKconfig(Uint8Array.of(0x1f, 0x8b, 1, 2, 3), '/proc/config.gz')).toThrow(KconfigError)
  })

  it('prefers what the kernel carries to what a package installed', () => {
    const files = { '/boot/config-6.1': 'CONFIG_HZ=100', '/proc/config.gz': gzipSync(text) }
    expect(findKconfig(fakeFiles(files), '6.1')).toMatchObject({ source: '/proc/config.gz' })
    expect(findKconfig(fakeFiles({ '/boot/config-6.1': 'CONFIG_HZ=100' }), '6.1')?.get('CONFIG_HZ')).toBe('100')
    expect(findKconfig(fakeFiles({}), '6.1')).toBeUndefined()
  })
})

describe('mounts', () => {
  const mountinfo = [
    '24 1 0:22 / /sys rw,nosuid shared:7 - sysfs sysfs rw',
    '31 24 0:7 / /sys/kernel/debug rw - debugfs debugfs rw',
    '32 24 0:30 / /mnt/with\\040space rw - bpf bpf rw,mode=700',
    '33 24 0:31 / /sys/fs/bpf rw - bpf bpf rw',
  ].join('\n')

  it('are read from mountinfo', () => {
    expect(parseMounts(mountinfo)[2]).toEqual({ path: '/mnt/with space', type: 'bpf', root: '/', options: 'rw,mode=700' })
  })

  it('put the usual bpf file system first', () => {
    expect(findBpffs(fakeFiles({ '/proc/self/mountinfo': mountinfo }))).toEqual(['/sys/fs/bpf', '/mnt/with space'])
  })

  it('find tracefs alone or inside of debugfs', () => {
    const alone = `${mountinfo}\n34 24 0:32 / /sys/kernel/tracing rw - tracefs tracefs rw`
    expect(findTracefs(fakeFiles({ '/proc/self/mountinfo': alone }))).toBe('/sys/kernel/tracing')
    const inside = { '/proc/self/mountinfo': mountinfo, '/sys/kernel/debug/tracing/events/x': '' }
    expect(findTracefs(fakeFiles(inside))).toBe('/sys/kernel/debug/tracing')
    expect(findTracefs(fakeFiles({ '/proc/self/mountinfo': mountinfo }))).toBeUndefined()
  })
})
