import { type Io, type OptionValues, UsageError } from '@bpf/terminal'
import type { KernelFiles } from '../kernels/kernel-files'
import type { KernelStore } from '../kernels/store'
import type { RunOptions } from '../run/run-all'

/** Options of every command that runs something on kernels. */
export const kernelOptions = {
  kernel: {
    type: 'string',
    multiple: true,
    short: 'k',
    value: 'KERNEL',
    description: '5.10, 6.1, 6.12, newest, host, or a .deb, a directory, a bzImage; host unless given',
  },
  jobs: { type: 'string', short: 'j', value: 'COUNT', description: 'guests at a time' },
  cache: { type: 'string', value: 'DIR', description: 'where kernels are kept' },
  logs: { type: 'string', value: 'DIR', description: 'where the consoles go; kept only after a failure unless given' },
} as const

/** Brings the kernels that are not there yet. @throws UsageError, KernelError */
export async function chosenKernels(
  options: OptionValues<typeof kernelOptions>,
  io: Io,
): Promise<Omit<RunOptions, 'sources' | 'only' | 'signal' | 'onEvent'>> {
  const store = await storeOf(options, io)
  const names = [...new Set(options.kernel.length === 0 ? ['host'] : options.kernel)]
  return {
    host: names.includes('host'),
    kernels: names.filter(name => name !== 'host').map(name => resolveKernel(store, name, io)),
    cache: store.directory,
    logs: options.logs === undefined ? undefined : io.resolvePath(options.logs),
    jobs: options.jobs === undefined ? undefined : wholeNumber(options.jobs),
  }
}

/** Where kernels are kept. */
export async function storeOf({ cache }: { readonly cache: string | undefined }, io: Io): Promise<KernelStore> {
  const { defaultCache, KernelStore } = await import('../kernels/store')
  return new KernelStore(cache === undefined ? defaultCache() : io.resolvePath(cache))
}

/** A kernel by name or path, brought if it is not there yet. @throws KernelError */
export function resolveKernel(store: KernelStore, name: string, io: Io): KernelFiles {
  return store.resolve(isPath(name) ? io.resolvePath(name) : name)
}

/** `6.12` is a version. */
function isPath(name: string): boolean {
  return /[./]/.test(name) && !/^\d+\.\d+$/.test(name)
}

function wholeNumber(text: string): number {
  const number = Number(text)
  if (!Number.isInteger(number) || number < 1) throw new UsageError(`--jobs ${text}: not a number of guests`)
  return number
}
