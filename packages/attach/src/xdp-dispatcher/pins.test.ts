import { expect, it } from 'vitest'
import { dispatcherOfPins, dispatcherPins } from './pins'

it('a dispatcher is pinned where libxdp looks for it', () => {
  const pins = dispatcherPins('/sys/fs/bpf/xdp', 3, 187)
  expect(pins.directory).toBe('/sys/fs/bpf/xdp/dispatch-3-187')
  expect([pins.directory, '/sys/fs/bpf/xdp/dispatch-3', '/home/187'].map(dispatcherOfPins)).toEqual([187, undefined, undefined])
  expect([pins.program(0), pins.link(9)]).toEqual([`${pins.directory}/prog0-prog`, `${pins.directory}/prog9-link`])
})
