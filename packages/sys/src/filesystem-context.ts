import { call } from './call'
import { cString } from './layout'
import { type Fd, OwnedFd } from './owned-fd'
import type { Sys } from './sys'

/**
 * The mount system calls of Linux 5.2, which make a file system step by step: open, configure, create, mount, place. Each
 * step may be another process's, which is how a bpf file system comes to belong to a user namespace and to delegate rights
 * that only an administrator has.
 */
const FSCONFIG_SET_STRING = 1
const FSCONFIG_CMD_CREATE = 6
const CLOEXEC = 1
const AT_FDCWD = -100
const MOVE_MOUNT_F_EMPTY_PATH = 4

/** fsopen(2): a file system to be, which belongs to the user namespace of whoever opens it. @throws SyscallError */
export function openFilesystem(sys: Sys, type: string): OwnedFd {
  return new OwnedFd(sys, call(sys, 'fsopen', [cString('type', type), CLOEXEC], { type }), `${type} file system`)
}

/** fsconfig(2): sets an option, as after `-o` of mount(8). @throws SyscallError */
export function configureFilesystem(sys: Sys, fd: Fd, option: string, value: string): void {
  const args = [fd, FSCONFIG_SET_STRING, cString('option', option), cString('value', value), 0]
  call(sys, 'fsconfig', args, { fd, option, value })
}

/** fsconfig(2): creates it as configured; of some types, `bpf` among them, only an administrator may. @throws SyscallError */
export function createFilesystem(sys: Sys, fd: Fd): void {
  call(sys, 'fsconfig', [fd, FSCONFIG_CMD_CREATE, null, null, 0], { fd }, 'FSCONFIG_CMD_CREATE')
}

/** fsmount(2): mounts what was created, nowhere to be seen yet. @throws SyscallError */
export function mountFilesystem(sys: Sys, fd: Fd): OwnedFd {
  return new OwnedFd(sys, call(sys, 'fsmount', [fd, CLOEXEC, 0], { fd }), 'mounted file system')
}

/** move_mount(2): puts what `mountFilesystem` mounted at an existing directory. @throws SyscallError */
export function placeMount(sys: Sys, mount: Fd, target: string): void {
  const args = [mount, cString('from', ''), AT_FDCWD, cString('target', target), MOVE_MOUNT_F_EMPTY_PATH]
  call(sys, 'move_mount', args, { mount, target })
}
