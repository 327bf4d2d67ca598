import { createSys } from '@bpf/sys'
import { describe, expect, it } from 'vitest'
import { realFiles } from './files'
import { findBpffs } from './mounts'
import { withFewDescriptors } from './testing/few-descriptors'

const sys = createSys()
const files = realFiles(sys)

describe('files', () => {
  it('that are absent are no error', () => {
    const nothing = [files.text('/no/such'), files.bytes('/no/such'), files.open('/no/such'), files.version('/no/such')]
    expect(nothing).toEqual([undefined, undefined, undefined, undefined])
    expect(files.list('/no/such')).toEqual([])
  })

  it('are not taken for absent while no more can be opened', () => {
    for (const read of [files.text, files.bytes, files.list, files.open]) {
      expect(() => withFewDescriptors(sys, 0, () => read('/proc/self'))).toThrow(
        expect.objectContaining({ code: 'ERR_BPF_SYSCALL', errnoName: 'EMFILE', hint: expect.stringContaining('ulimit -n') }),
      )
    }
    // Who believes that nothing is mounted mounts it once more, over what is there.
    expect(() => withFewDescriptors(sys, 0, () => findBpffs(files))).toThrow('EMFILE')
    expect(withFewDescriptors(sys, 1, () => files.text('/proc/self/comm'))).toBe(files.text('/proc/self/comm'))
  })
})
