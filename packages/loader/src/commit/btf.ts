import { btfLoad, isSyscallError, type OwnedFd } from '@bpf/sys'
import { refusal } from '../refusal'
import { byToken, type Session } from './session'

/** Uploads the plan's BTF. Without BTF most objects work as well; the kernel then knows less about them. @throws LoadError */
export function uploadBtf(session: Omit<Session, 'btfFd'>): OwnedFd | undefined {
  const { context, plan } = session
  if (plan.btf === undefined) return undefined
  try {
    return btfLoad(context.sys, { btf: plan.btf, ...byToken(session, 0) }).fd
  } catch (error) {
    if (!isSyscallError(error)) throw error
    if (!plan.btfRequired) return undefined
    throw refusal(context.sys, { stage: 'btf', subject: plan.name, action: 'be loaded', error })
  }
}
