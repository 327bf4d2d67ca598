import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { findKernelFiles } from './kernel-files'

it('a kernel in a directory is called by its release unless it has a name', () => {
  const root = mkdtempSync(join(tmpdir(), 'bpf-kernel-files-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  expect(() => findKernelFiles(root)).toThrow('holds no kernel')
  mkdirSync(join(root, 'boot'))
  writeFileSync(join(root, 'boot/vmlinuz-6.1.0-cloud'), '')
  writeFileSync(join(root, 'boot/config-6.1.0-cloud'), 'CONFIG_BPF=y\n')
  expect(findKernelFiles(root)).toEqual({
    name: '6.1.0-cloud',
    release: '6.1.0-cloud',
    image: join(root, 'boot/vmlinuz-6.1.0-cloud'),
    config: 'CONFIG_BPF=y\n',
    modules: undefined,
  })
  expect(findKernelFiles(root, '6.1').name).toBe('6.1')
})
