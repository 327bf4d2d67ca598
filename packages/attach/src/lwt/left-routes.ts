import type { Files } from '@bpf/kernel'
import { Errno, isSyscallError, type NetlinkSocket } from '@bpf/sys'
import { isLeftOver } from '../leftover/owner-tag'
import { type ProgramRoute, programRoutes } from './program-routes'
import { routeMessage } from './route-message'

/** The routes through programs of ours whose processes have ended, in the socket's network namespace. @throws NetlinkError */
export function leftRoutes(route: NetlinkSocket, files: Files): readonly ProgramRoute[] {
  return programRoutes(route).filter(({ name }) => name !== undefined && isLeftOver(files, name))
}

/** @throws NetlinkError */
export function removeLeftRoute(route: NetlinkSocket, { payload }: ProgramRoute): void {
  try {
    route.request({ type: routeMessage.delRoute, payload, what: 'RTM_DELROUTE' })
  } catch (error) {
    // Somebody was faster.
    if (!isSyscallError(error, Errno.ESRCH, Errno.ENODEV)) throw error
  }
}
