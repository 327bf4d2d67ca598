import { call } from './call'
import { cString } from './layout'
import type { Sys } from './sys'

/** Keyrings that every process has, as `keyringId` of signed programs takes them beside serial numbers (linux/keyctl.h). */
export const Keyring = { Thread: -1, Process: -2, Session: -3, User: -4, UserSession: -5 } as const

export interface Key {
  /** `asymmetric` for a certificate, `user`, `keyring`, … */
  readonly type: string
  /** The kernel makes one of the certificate where it is empty. */
  readonly description: string
  readonly payload: Uint8Array
  /** `Keyring`, or a serial number. */
  readonly keyring: number
}

/** add_key(2): puts a key into a keyring; its serial number. @throws SyscallError */
export function addKey(sys: Sys, { type, description, payload, keyring }: Key): number {
  const args = [cString('type', type), cString('description', description), payload, payload.byteLength, keyring]
  return call(sys, 'add_key', args, { type, description, payload, keyring })
}
