import type { ReadOf } from '../layout'
import type { Fd } from '../owned-fd'
import type { Sys } from '../sys'
import { tokenInfo } from './info-layouts'
import { objGetInfo } from './object'

/** What a token allows, a bit a command, map type, program type and attach type. */
export type TokenInfo = ReadOf<typeof tokenInfo>

/** BPF_OBJ_GET_INFO_BY_FD of a token (6.17). @throws SyscallError */
export function getTokenInfo(sys: Sys, fd: Fd): TokenInfo {
  return objGetInfo(sys, fd, tokenInfo, {})
}
