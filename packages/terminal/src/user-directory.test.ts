import { expect, it } from 'vitest'
import { userDirectory } from './user-directory'

const script = (name: string, manifest: string) => ({ INIT_CWD: '/home/me/objects', npm_package_name: name, npm_package_json: manifest })

it.each([
  ['a shell', {}, '/home/me', '/home/me'],
  ['npm start in a clone', script('bpf-monorepo', '/bpf/package.json'), '/bpf', '/home/me/objects'],
  ['pnpm --filter cli start', script('@bpf/cli', '/bpf/apps/cli/package.json'), '/bpf/apps/cli', '/home/me/objects'],
  ['a script of another package', script('monitor', '/home/me/package.json'), '/home/me', '/home/me'],
  ['a test of ours that works elsewhere', script('bpf-monorepo', '/bpf/package.json'), '/tmp/project', '/tmp/project'],
])('started by %s, paths are relative to where the user is', (_, env, directory, expected) => {
  expect(userDirectory(env, directory)).toBe(expected)
})
