import { type CheckGroup, check } from './check'
import type { Machine } from './machine'

/** The first Node that this package supports. */
const oldestNode = [20, 19] as const

/** What the tool itself stands on. */
export function platformChecks(machine: Machine | string): CheckGroup {
  const { version, platform, arch } = process
  const [major = 0, minor = 0] = version.slice(1).split('.').map(Number)
  const recent = major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1])
  const nativeRemedy =
    platform === 'linux'
      ? 'npm install again, without --omit=optional, on this machine: koffi comes as a binary for each system'
      : 'Linux on x64 or arm64; reading objects works everywhere'
  return {
    title: 'program',
    checks: [
      recent ? check('Node', 'ok', version) : check('Node', 'problem', version, `install ${oldestNode.join('.')} or later`),
      check(
        'system',
        platform === 'linux' ? 'ok' : 'problem',
        `${platform} on ${arch}`,
        platform === 'linux' ? null : 'loading needs Linux',
      ),
      typeof machine === 'string'
        ? check('native module', 'problem', machine, nativeRemedy)
        : check('native module', 'ok', 'loaded, and makes system calls'),
    ],
  }
}
