import { defineCommand, UsageError } from '@bpf/terminal'
import { kernelOptions, resolveKernel, storeOf } from './kernel-options'

/** The offline answer: no kernel is booted, nothing is loaded, no privilege is needed. */
export const compat = defineCommand({
  name: 'compat',
  summary: 'say from BTF alone on which kernels the programs of an object would fail, and why',
  operands: 'OBJ',
  maxOperands: 1,
  options: {
    btf: {
      type: 'string',
      value: 'DIR',
      description: 'BTF of the kernels, a file each, named by version: 5.10.btf, 6.1.0-18-amd64.btf; a BTFhub archive works',
    },
    kernel: {
      ...kernelOptions.kernel,
      description: '5.10, 6.1, 6.12, newest, or a .deb, a directory, a bzImage: its BTF is in its image',
    },
    cache: kernelOptions.cache,
    json: { type: 'boolean', description: 'print the answer as JSON' },
  },
  examples: [
    'bpf-test compat obj.o --btf ./btf',
    'bpf-test compat obj.o -k 5.10 -k 6.12',
    'bpf-test compat obj.o --btf /sys/kernel/btf/vmlinux',
  ],
  run: async ({ positionals: [path], options, io }) => {
    if (path === undefined) throw new UsageError('compat: which object?')
    if (options.btf === undefined && options.kernel.length === 0) {
      throw new UsageError('compat: against which BTF?', '--btf DIR, a directory with BTF of each kernel, or -k KERNEL')
    }
    const { findBtfFiles } = await import('../compat/btf-files')
    const { fromFile, fromImage } = await import('../compat/kernel-btf')
    const { runCompat } = await import('../compat/run')
    const store = await storeOf(options, io)
    const files = options.btf === undefined ? [] : findBtfFiles(io.resolvePath(options.btf)).map(fromFile)
    const images = options.kernel.map(name => fromImage(resolveKernel(store, name, io)))
    return runCompat(path, { kernels: [...files, ...images], json: options.json }, io)
  },
})
