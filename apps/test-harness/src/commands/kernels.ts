import { type CommandGroup, defineCommand, ExitCode, formatTable, type Io } from '@bpf/terminal'
import type { StoredKernel } from '../kernels/store'

const cache = { type: 'string', value: 'DIR', description: 'where kernels are kept; ~/.cache/bpf-test/kernels unless given' } as const

async function openStore(directory: string | undefined, io: Io) {
  const { defaultCache, KernelStore } = await import('../kernels/store')
  return new KernelStore(directory === undefined ? defaultCache() : io.resolvePath(directory))
}

const list = defineCommand({
  name: 'list',
  summary: 'kernels that can be had by name, and which of them are here',
  operands: '',
  maxOperands: 0,
  options: { cache },
  examples: ['bpf-test kernels list'],
  run: async ({ options, io }) => {
    for (const line of describe((await openStore(options.cache, io)).list())) io.out(line)
    return ExitCode.Ok
  },
})

const pull = defineCommand({
  name: 'pull',
  summary: 'bring kernels and their modules through apt, or newer versions of those that are here',
  operands: '[NAME…]',
  maxOperands: 100,
  options: { cache },
  examples: ['bpf-test kernels pull', 'bpf-test kernels pull 6.1 newest'],
  run: async ({ positionals, options, io }) => {
    const { kernelRelease, kernelReleases } = await import('../kernels/releases')
    const releases = positionals.length === 0 ? kernelReleases : positionals.map(kernelRelease)
    const store = await openStore(options.cache, io)
    for (const release of releases) io.note(`${release.name}: ${store.pull(release) ? 'pulled' : 'is the newest already'}`)
    for (const line of describe(store.list().filter(kernel => releases.includes(kernel.release)))) io.out(line)
    return ExitCode.Ok
  },
})

function describe(kernels: readonly StoredKernel[]): readonly string[] {
  const rows = kernels.map(({ release, version, files }) => [
    release.name,
    `Debian ${release.suite}`,
    version ?? 'not pulled',
    files?.release ?? '',
  ])
  return formatTable(['NAME', 'FROM', 'VERSION', 'RELEASE'], rows)
}

export const kernels: CommandGroup = { name: 'kernels', summary: 'kernels to test on', fallback: 'list', commands: [list, pull] }
