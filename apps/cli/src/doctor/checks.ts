import { type Check, type CheckGroup, check } from './check'
import type { Machine } from './machine'
import { settingChecks } from './setting-checks'

/** Everything that can be said of a machine whose system calls can be made. Pure: facts in, lines out. */
export function machineChecks(machine: Machine): readonly CheckGroup[] {
  return [
    { title: 'rights', checks: rightsChecks(machine) },
    { title: 'kernel', checks: kernelChecks(machine) },
    { title: 'settings', checks: settingChecks(machine) },
    { title: 'file systems', checks: mountChecks(machine) },
    { title: 'limits', checks: [memlockCheck(machine), tokenCheck(machine)] },
    { title: 'left behind', checks: leftoverChecks(machine) },
  ]
}

function rightsChecks({ rights }: Machine): Check[] {
  const { missing, userNamespace, seccompFilter } = rights
  return [
    missingCheck(missing),
    userNamespace
      ? check(
          'user namespace',
          'warning',
          'not the initial one: capabilities in it do not count',
          'run outside of the container, or with a BPF token',
        )
      : check('user namespace', 'ok', 'the initial one'),
    seccompFilter
      ? check(
          'seccomp',
          'warning',
          'a filter is installed, as containers have',
          'if bpf(2) is forbidden: allow bpf and perf_event_open in its profile',
        )
      : check('seccomp', 'ok', 'no filter'),
  ]
}

/** CAP_SYS_ADMIN alone is for looking at objects of others; with all but that, everything loads and attaches. */
function missingCheck(missing: Machine['rights']['missing']): Check {
  if (missing.length === 0) return check('capabilities', 'ok', 'all that loading, attaching and listing need')
  const lacks = `this process lacks ${missing.join(', ')}`
  if (missing.every(name => name === 'CAP_SYS_ADMIN'))
    return check('capabilities', 'warning', `${lacks}: no listing, nothing opened by id`, 'run as root to see objects of others')
  return check('capabilities', 'problem', lacks, 'run as root: sudo bpf …')
}

function kernelChecks({ release, trial, btf, modulesWithBtf, kconfigSource }: Machine): Check[] {
  return [
    check('release', 'info', release),
    trialCheck('maps', trial.map, 'a map can be created'),
    trialCheck('programs', trial.program, 'a program can be loaded'),
    typeof btf === 'string'
      ? check(
          'BTF of the kernel',
          'warning',
          btf,
          'CO-RE, fentry, LSM, kfuncs need it: CONFIG_DEBUG_INFO_BTF=y, or give the types with --btf',
        )
      : check('BTF of the kernel', 'ok', `${btf.types} types in ${btf.path ?? 'a given file'}`),
    check('BTF of modules', 'info', modulesWithBtf === 0 ? 'no module has any' : `of ${modulesWithBtf} modules`),
    kconfigSource === undefined
      ? check(
          'configuration',
          'warning',
          'not to be read',
          'objects with CONFIG_ externs need it: CONFIG_IKCONFIG_PROC=y, or /boot/config-RELEASE',
        )
      : check('configuration', 'ok', kconfigSource),
  ]
}

function trialCheck(name: string, verdict: boolean | undefined, found: string): Check {
  if (verdict) return check(name, 'ok', found)
  if (verdict === undefined)
    return check(name, 'problem', `not for this process: ${found.replace('can', 'could not')}`, 'run as root: sudo bpf …')
  return check(name, 'problem', 'this kernel has no bpf(2)', 'it needs CONFIG_BPF_SYSCALL=y')
}

const usualMounts = { bpffs: '/sys/fs/bpf', tracefs: '/sys/kernel/tracing', cgroup2: '/sys/fs/cgroup' } as const

function mountChecks({ mounts, tracefs }: Machine): Check[] {
  const at = (type: string) => mounts.filter(mount => mount.type === type).map(({ path }) => path)
  const [bpffs, cgroup2] = [at('bpf'), at('cgroup2')]
  const missing = (name: string, what: string, type: string, path: string) =>
    check(name, 'warning', `not mounted: ${what}`, `mount -t ${type} ${type} ${path}`)
  return [
    bpffs.length > 0
      ? check('bpf (bpffs)', 'ok', [...new Set(bpffs)].join(', '))
      : missing('bpf (bpffs)', 'nothing can be pinned', 'bpf', usualMounts.bpffs),
    tracefs === undefined
      ? missing('tracefs', 'no tracepoints, no trace pipe; it is mounted when needed', 'tracefs', usualMounts.tracefs)
      : check('tracefs', 'ok', tracefs),
    cgroup2.length > 0
      ? check('cgroup2', 'ok', [...new Set(cgroup2)].join(', '))
      : missing('cgroup2', 'no cgroup programs', 'cgroup2', usualMounts.cgroup2),
  ]
}

const mebibyte = 1n << 20n
const unlimited = 0xffff_ffff_ffff_ffffn

function memlockCheck({ memlock: { soft }, memcgAccounting }: Machine): Check {
  const amount = soft === unlimited ? 'unlimited' : `${soft / 1024n} KiB`
  if (memcgAccounting) return check('locked memory', 'ok', `${amount}; maps count towards the cgroup instead`)
  if (soft >= 64n * mebibyte) return check('locked memory', 'ok', amount)
  if (memcgAccounting === undefined) return check('locked memory', 'info', amount)
  return check('locked memory', 'warning', `${amount}: maps are charged to it`, 'ulimit -l unlimited; as root it is raised when needed')
}

function tokenCheck({ token, mounts }: Machine): Check {
  if (token === false) return check('BPF token', 'info', 'this kernel has none (6.9)')
  const delegating = mounts.filter(({ type, options }) => type === 'bpf' && options.includes('delegate_'))
  if (delegating.length === 0) return check('BPF token', 'info', 'no bpf file system delegates rights')
  return check('BPF token', 'info', `rights delegated by ${delegating.map(({ path }) => path).join(', ')}`)
}

function leftoverChecks({ leftovers }: Machine): Check[] {
  if (typeof leftovers === 'string') return [check('leftovers', 'info', `could not be looked for: ${leftovers}`)]
  if (leftovers.length === 0) return [check('leftovers', 'ok', 'none')]
  return leftovers.map(({ kind, description }) => check(kind, 'warning', description, 'bpf doctor --clean takes it away'))
}
