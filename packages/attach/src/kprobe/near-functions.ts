import { nearNames } from '@bpf/bytes'
import type { Kernel } from '@bpf/kernel'
import { isPartOf, withoutCloneSuffix } from './clones'
import { isCode } from './traceable'

/** What the function may be called that is not there by this name, or where it went. */
export function hintFor(kernel: Kernel, name: string, module: string | undefined): string | undefined {
  if (module !== undefined && module !== 'vmlinux' && !(kernel.files.text('/proc/modules') ?? '').includes(`${module} `)) {
    return `module ${module} is not loaded`
  }
  const kallsyms = kernel.kallsyms()
  const parts = new Set([...kallsyms.matching(other => isPartOf(other, name))].map(part => part.name))
  // A part that runs only now and then must not stand for the whole.
  if (parts.size > 0) return `it was put inline where it is called, but for ${[...parts].join(' and ')}`
  const names = new Set<string>()
  for (const symbol of kallsyms) if (isCode(symbol)) names.add(withoutCloneSuffix(symbol.name))
  const wrapped = ['__x64_sys_', '__arm64_sys_', '__se_sys_', 'do_'].map(prefix => `${prefix}${name.replace(/^(?:sys|SyS)_/, '')}`)
  const near = [...wrapped.filter(candidate => names.has(candidate)), ...nearNames(name, names)].slice(0, 3)
  return near.length > 0 ? `did you mean ${near.join(' or ')}?` : 'it may be inlined, or in a module that is not loaded'
}
