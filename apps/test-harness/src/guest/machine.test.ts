import { expect, it } from 'vitest'
import { panicIn } from './machine'
import { qemuArguments } from './qemu'

it('a panic is told by its line', () => {
  const text = '[    1.0] Freeing memory\n[    2.071] Kernel panic - not syncing: No working init found.\n[    2.1] CPU: 0\n'
  expect(panicIn(text)).toBe('Kernel panic - not syncing: No working init found.')
  expect(panicIn('[    1.0] reboot: Power down\n')).toBeUndefined()
})

it('results have a serial line of their own', () => {
  const machine = { image: 'vmlinuz', initrd: 'initrd', accelerator: 'emulated', console: '/logs/6.1.log', memoryMegabytes: 1024 } as const
  const line = qemuArguments(machine).join(' ')
  expect(line).toContain('-accel tcg,thread=multi')
  expect(line).toContain('-serial file:/logs/6.1.log -chardev stdio,id=results,signal=off -serial chardev:results')
  expect(line).toContain('-cpu Nehalem')
  expect(qemuArguments({ ...machine, accelerator: 'kvm' }).join(' ')).toContain('-accel kvm -cpu max')
})
