import { expect, it } from 'vitest'
import { parseMirrors } from './mirror'

it.each([
  [['deb http://mirror.example/debian bookworm main\ndeb http://mirror.example/debian-security bookworm-security main']],
  [
    [
      'deb [signed-by=/usr/share/keyrings/x.gpg] http://mirror.example/debian/ bookworm main',
      'deb http://mirror.example/debian-security/ x main',
    ],
  ],
  [['Types: deb\nURIs: http://mirror.example/debian\nSuites: sid\n\nTypes: deb\nURIs: http://mirror.example/debian-security\n']],
])('mirrors of %j', texts => {
  expect(parseMirrors(texts)).toEqual({ main: 'http://mirror.example/debian', security: 'http://mirror.example/debian-security' })
})

it('other repositories are none', () => {
  const texts = ['deb https://packages.cloud.google.com/apt cloud-sdk main', '# deb http://mirror.example/debian sid main']
  expect(parseMirrors(texts)).toEqual({ main: 'http://deb.debian.org/debian', security: 'http://deb.debian.org/debian-security' })
})
