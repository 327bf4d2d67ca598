import { mkdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cgroupRoot } from '../cgroup/cgroup-path'
import type { AttachContext } from '../context'

/** A cgroup of the test's own, gone at the end. */
export interface TestCgroup extends Disposable {
  readonly path: string
  /** Runs `action` with this process in the cgroup. */
  inside<T>(action: () => T): T
}

export function testCgroup({ kernel }: AttachContext, name: string, parent?: TestCgroup): TestCgroup {
  const root = cgroupRoot(kernel)
  if (root === undefined) throw new Error('cgroup2 is not mounted')
  const path = join(parent?.path ?? root, parent ? name : `bpf-attach-test-${process.pid}-${name}`)
  mkdirSync(path)
  const home = join(root, /^0::(.*)$/m.exec(kernel.files.text('/proc/self/cgroup') ?? '')?.[1] ?? '/')
  const enter = (cgroup: string) => writeFileSync(join(cgroup, 'cgroup.procs'), String(process.pid))
  return {
    path,
    inside(action) {
      enter(path)
      try {
        return action()
      } finally {
        enter(home)
      }
    },
    [Symbol.dispose]: () => rmdirSync(path),
  }
}
