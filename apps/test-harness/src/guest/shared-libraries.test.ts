import { expect, it } from 'vitest'
import { parseLdd } from './shared-libraries'

it('libraries and the loader, not what the kernel provides', () => {
  const text = [
    '\tlinux-vdso.so.1 (0x00007f245b19e000)',
    '\tlibdl.so.2 => /lib/x86_64-linux-gnu/libdl.so.2 (0x00007f245b187000)',
    '\t/lib64/ld-linux-x86-64.so.2 (0x00007f245b1a0000)',
  ].join('\n')
  expect(parseLdd(text)).toEqual(['/lib/x86_64-linux-gnu/libdl.so.2', '/lib64/ld-linux-x86-64.so.2'])
  expect(parseLdd('\tnot a dynamic executable\n')).toEqual([])
})
