import { ElemFlag, Errno } from '@bpf/sys'

/** What `set` does about an entry that exists or is missing. */
export type SetMode = 'any' | 'create' | 'replace'

const modeFlags: Readonly<Record<SetMode, number>> = { any: ElemFlag.Any, create: ElemFlag.Noexist, replace: ElemFlag.Exist }

/** `ElemFlag`s of a mode, or as given, and the error number that is an answer with them: 0 for none. */
export function setFlags(mode: SetMode | number): { readonly flags: number; readonly expected: number } {
  const flags = typeof mode === 'number' ? mode : modeFlags[mode]
  if ((flags & ElemFlag.Noexist) !== 0) return { flags, expected: Errno.EEXIST }
  return { flags, expected: (flags & ElemFlag.Exist) !== 0 ? Errno.ENOENT : 0 }
}
