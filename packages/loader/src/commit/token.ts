import { inUserNamespace, isSyscallError, type OwnedFd, openFile, type Sys, tokenCreate } from '@bpf/sys'
import type { LoadOptions } from '../load-options'
import { refusal } from '../refusal'

const defaultPath = '/sys/fs/bpf'

/** A token by which to load, if one is asked for or can be had. The caller closes it. @throws LoadError if an asked-for one cannot be had */
export function openToken(sys: Sys, { token }: LoadOptions): OwnedFd | undefined {
  if (token === false) return undefined
  const wanted = token ?? process.env['LIBBPF_BPF_TOKEN_PATH']
  if (wanted !== undefined) return wanted === '' ? undefined : createToken(sys, wanted)
  // Where capabilities count, a token adds nothing.
  return inUserNamespace(sys.readText) ? tryCreateToken(sys, defaultPath) : undefined
}

function createToken(sys: Sys, path: string): OwnedFd {
  try {
    return tokenOf(sys, path)
  } catch (error) {
    if (!isSyscallError(error)) throw error
    const hint = 'it must be a bpf file system that was mounted in this user namespace with delegate_… options'
    throw refusal(sys, { stage: 'token', subject: path, action: 'be created', error, hint })
  }
}

function tryCreateToken(sys: Sys, path: string): OwnedFd | undefined {
  try {
    return tokenOf(sys, path)
  } catch (error) {
    if (isSyscallError(error)) return undefined
    throw error
  }
}

function tokenOf(sys: Sys, path: string): OwnedFd {
  using bpffs = openFile(sys, path)
  return tokenCreate(sys, { bpffsFd: bpffs.fd })
}
