import { describe, expect, it } from 'vitest'
import { type KernelFacts, parseVersion, whatIsMissing } from './legitimacy'

const kernel = (release: string, options: Readonly<Record<string, string>> = {}, facts: Partial<KernelFacts> = {}): KernelFacts => ({
  version: parseVersion(release),
  option: name => options[name],
  mayRefuse: false,
  hasModule: () => true,
  hasFunction: () => true,
  hasCommand: () => true,
  ...facts,
})

describe('a skip is legitimate', () => {
  it('on a kernel older than the feature, by its version', () => {
    expect(whatIsMissing({ features: ['tcx'] }, kernel('6.1.0-56-cloud-amd64'))).toBe('tcx came with Linux 6.6')
    expect(whatIsMissing({ features: ['tcx'] }, kernel('6.6.0'))).toBeUndefined()
    expect(whatIsMissing({ kernel: '6.12.5' }, kernel('6.12.4-x'))).toBe('needs Linux 6.12.5')
    expect(whatIsMissing({ kernel: '6.2' }, kernel('6.12'))).toBeUndefined()
  })

  it('on a kernel built without an option that the feature needs', () => {
    expect(whatIsMissing({ features: ['netkit'] }, kernel('7.0'))).toBe('netkit needs CONFIG_NETKIT')
    expect(whatIsMissing({ features: ['netkit'] }, kernel('7.0', { CONFIG_NETKIT: 'y' }))).toBeUndefined()
    expect(whatIsMissing({ features: ['sockmap'] }, kernel('5.10', { CONFIG_NET_SOCK_MSG: 'y' }))).toBeUndefined()
    expect(whatIsMissing({ kconfig: ['CONFIG_FTRACE_SYSCALLS'] }, kernel('7.0'))).toBe('needs CONFIG_FTRACE_SYSCALLS')
  })

  it('not where the configuration is unknown: what fails then, fails', () => {
    expect(whatIsMissing({ features: ['netkit'] }, kernel('7.0', {}, { option: undefined }))).toBeUndefined()
  })

  it('without a module, a function or a command', () => {
    expect(whatIsMissing({ functions: [/^show\.isra/] }, kernel('7.0', {}, { hasFunction: name => !name.test('show.isra.0') }))).toBe(
      'the kernel was built without a function ^show\\.isra',
    )
    expect(whatIsMissing({ modules: ['veth'] }, kernel('7.0', {}, { hasModule: () => false }))).toBe('the kernel was built without veth')
    expect(whatIsMissing({ commands: ['ip'] }, kernel('7.0', {}, { hasCommand: () => false }))).toBe('needs the command ip')
  })
})
