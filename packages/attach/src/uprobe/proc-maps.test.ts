import { expect, it } from 'vitest'
import { parseProcMaps } from './proc-maps'

it('the mappings of a process that are of files', () => {
  const text = `\
55d0c0000000-55d0c0001000 r--p 00000000 fe:00 1234                       /usr/bin/node
55d0c0001000-55d0c0009000 r-xp 00001000 fe:00 1234                       /usr/bin/node
7f0000000000-7f0000001000 r-xp 00002000 fe:00 99                         /opt/my lib.so (deleted)
7ffc00000000-7ffc00021000 rw-p 00000000 00:00 0                          [stack]
7f1000000000-7f1000001000 rw-p 00000000 00:00 0 
ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]
`
  expect(parseProcMaps(text)).toEqual([
    {
      range: '55d0c0000000-55d0c0001000',
      start: 0x55d0c0000000n,
      end: 0x55d0c0001000n,
      executable: false,
      offset: 0,
      path: '/usr/bin/node',
      deleted: false,
    },
    {
      range: '55d0c0001000-55d0c0009000',
      start: 0x55d0c0001000n,
      end: 0x55d0c0009000n,
      executable: true,
      offset: 0x1000,
      path: '/usr/bin/node',
      deleted: false,
    },
    {
      range: '7f0000000000-7f0000001000',
      start: 0x7f0000000000n,
      end: 0x7f0000001000n,
      executable: true,
      offset: 0x2000,
      path: '/opt/my lib.so',
      deleted: true,
    },
  ])
})
