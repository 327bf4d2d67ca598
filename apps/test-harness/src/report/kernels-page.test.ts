import { expect, it } from 'vitest'
import type { KernelReport, Result } from '../results'
import { formatKernelsPage } from './kernels-page'

const kernel = (name: string): KernelReport => ({
  name,
  release: `${name}.0`,
  runsOn: 'emulated',
  error: undefined,
  crashes: [],
  bootMs: 1,
  ms: 1,
  console: undefined,
})
const result = (kernel: string, scenario: string, status: Result['status'], via?: string, reason?: string): Result => ({
  kernel,
  scenario,
  family: 'tc',
  program: 'on_tc',
  status,
  interface: via,
  reason,
  ms: 1,
})

it('interfaces by family and kernel, scenarios, and what kernels lack', () => {
  const page = formatKernelsPage({
    kernels: [kernel('6.1'), kernel('6.12')],
    results: [
      result('6.1', 'tc', 'pass', 'netlink'),
      result('6.1', 'tcx', 'skip', undefined, 'tcx came with Linux 6.6'),
      result('6.12', 'tc', 'pass', 'netlink'),
      result('6.12', 'tcx', 'pass', 'bpf link'),
    ],
  })
  expect(page).toContain('| family | 6.1 | 6.12 |\n| --- | --- | --- |\n| tc | netlink | netlink, bpf link |\n')
  expect(page).toContain('| tc | tcx: on_tc | – | ✓ bpf link |')
  expect(page).toContain('- tcx came with Linux 6.6 (6.1)\n')
})
