import { describe, expect, it } from 'vitest'
import { notOnBpffs, pinObstacle } from './bpffs'
import { parseMounts } from './mounts'

const root = '22 1 8:1 / / rw - ext4 /dev/sda1 rw'
const scratch = '23 22 0:30 / /tmp rw - tmpfs tmpfs rw'
const sysfs = '24 22 0:31 / /sys rw - sysfs sysfs rw'
const bpf = '25 24 0:32 / /sys/fs/bpf rw - bpf bpf rw'

describe('a path that is not on a bpf file system', () => {
  it('is on another, which has a name', () => {
    expect(notOnBpffs('/tmp', parseMounts([root, scratch, sysfs, bpf].join('\n')))).toEqual({
      problem: '/tmp is on tmpfs, not on a bpf file system',
      hint: 'take a path below /sys/fs/bpf',
    })
    expect(notOnBpffs('/', parseMounts(root)).problem).toContain('/ is on ext4,')
  })

  it('is at the usual place, where none is mounted', () => {
    const { hint } = notOnBpffs('/sys', parseMounts([root, sysfs].join('\n')))
    expect(hint).toContain('mount -t bpf bpf /sys/fs/bpf')
  })

  it.each([
    ['/proc/1/a.b', undefined, '/proc/1'],
    ['/proc', '/proc', '/proc'],
  ])('%s with %s as what is there is on the file system of the nearest directory', (path, above, directory) => {
    expect(pinObstacle(path, above)?.problem).toBe(`${directory} is on proc, not on a bpf file system`)
  })

  it('is told by the nearest directory that exists', () => {
    expect(pinObstacle('/proc/self/no/such/directory/pin')?.problem).toMatch(/^\/proc\/self is on proc, not on a bpf file system$/)
  })
})
