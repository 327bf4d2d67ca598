import { describe, expect, it } from 'vitest'
import { parseFdInfo } from './fd-info'

describe('parseFdInfo', () => {
  it('reads what /proc tells of a program array', () => {
    const text = 'pos:\t0\nflags:\t02000002\nmap_type:\t3\nmemlock:\t328\nmap_id:\t8247\nfrozen:\t1\nowner_prog_type:\t5\nowner_jited:\t1\n'
    expect(parseFdInfo(text)).toEqual({ memlock: 328, frozen: true, ownerProgType: 5, ownerJited: true, orphaned: false })
  })

  it('leaves open what older kernels do not tell', () => {
    expect(parseFdInfo('pos:\t0\n')).toEqual({
      memlock: undefined,
      frozen: false,
      ownerProgType: undefined,
      ownerJited: undefined,
      orphaned: false,
    })
  })
})
