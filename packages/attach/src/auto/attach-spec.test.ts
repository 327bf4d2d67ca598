import { describe, expect, it } from 'vitest'
import { AttachSpecError, isSelected, parseAttachSpec } from './attach-spec'

describe('where a program goes', () => {
  it.each([
    ['xdp=eth0', { select: 'xdp', target: 'eth0', options: {} }],
    ['xdp=eth0,mode=generic', { select: 'xdp', target: 'eth0', options: { mode: 'generic' } }],
    [
      'cgroup_skb/egress=/sys/fs/cgroup/web,preorder',
      { select: 'cgroup_skb/egress', target: '/sys/fs/cgroup/web', options: { preorder: 'true' } },
    ],
    ['my_program = netns , priority = 7', { select: 'my_program', target: 'netns', options: { priority: '7' } }],
  ])('%s', (text, spec) => {
    expect(parseAttachSpec(text)).toEqual(spec)
  })

  it.each(['', 'xdp', '=eth0', 'xdp=', 'xdp=eth0,=1', 'xdp=eth0,mode=a,mode=b'])('%j says nothing', text => {
    expect(() => parseAttachSpec(text)).toThrow(AttachSpecError)
  })

  it.each([
    ['filter', true],
    ['tc/ingress', true],
    ['tc', true],
    ['ingress', false],
  ])('%s means program "filter" in section tc/ingress: %s', (select, selected) => {
    expect(isSelected({ select }, { name: 'filter', section: '?tc/ingress' })).toBe(selected)
  })

  it.each([
    ['xdp/devmap', 'devmap', 'xdp'],
    ['xdp.frags/cpumap', 'cpumap', 'xdp.frags'],
    ['xdp/other', 'xdp', 'other'],
  ])('a program in section %s is meant by %s, not by %s', (section, select, other) => {
    expect(isSelected({ select }, { name: 'behind', section })).toBe(true)
    expect(isSelected({ select: other }, { name: 'behind', section })).toBe(false)
  })
})
