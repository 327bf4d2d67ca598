import { describe, expect, it } from 'vitest'
import { kernelPackages, parsePackages } from './packages'

const stanzas = `Package: linux-image-cloud-amd64
Version: 7.2.13-1
Depends: linux-base-cloud-amd64 (= 7.2.13-1), linux-image-7.2.13+deb14-cloud-amd64 (= 7.2.13-1)
Description: Linux for x86-64 cloud

Package: linux-image-7.2.13+deb14-cloud-amd64
Version: 7.2.13-1
Depends: dracut | linux-initramfs-tool, linux-base-7.2.13+deb14-cloud-amd64 (= 7.2.13-1), linux-binary-7.2.13+deb14-cloud-amd64 (= 7.2.13-1), linux-modules-7.2.13+deb14-cloud-amd64 (= 7.2.13-1)
`

describe('packages of a kernel', () => {
  const [meta, image] = parsePackages(stanzas)

  it('are named by the package that always depends on the newest', () => {
    expect(meta).toEqual({
      name: 'linux-image-cloud-amd64',
      version: '7.2.13-1',
      depends: ['linux-base-cloud-amd64', 'linux-image-7.2.13+deb14-cloud-amd64'],
    })
    expect(kernelPackages(meta ?? { depends: [] })).toEqual(['linux-image-7.2.13+deb14-cloud-amd64'])
  })

  it('may be several: image, modules, configuration', () => {
    expect(kernelPackages(image ?? { depends: [] }).map(name => name.split('-')[1])).toEqual(['base', 'binary', 'modules'])
    expect(kernelPackages({ depends: ['kmod', 'linux-base', 'initramfs-tools'] })).toEqual([])
  })

  it('are none in an empty answer', () => expect(parsePackages('\n\n')).toEqual([]))
})
