import { existsSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

/** Packages that need Linux, directly or through others. */
const linuxOnly = ['@bpf/sys', '@bpf/kernel', '@bpf/maps', '@bpf/attach', '@bpf/loader']

/** The packages that a file of the command imports when it runs, through all of the command's own files. */
function packagesOf(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return new Set()
  seen.add(file)
  const packages = new Set<string>()
  const imports = readFileSync(file, 'utf8').matchAll(/^(?:import|export) (?!type )[^;]*? from '([^']+)'/gm)
  for (const [, name = ''] of imports) {
    if (!name.startsWith('.')) packages.add(name)
    else for (const each of packagesOf(sourceOf(resolve(dirname(file), name)), seen)) packages.add(each)
  }
  return packages
}

function sourceOf(path: string): string {
  return existsSync(`${path}.ts`) ? `${path}.ts` : `${path}/index.ts`
}

describe('commands that only read', () => {
  it.each(['explain', 'inspect', 'disasm'])('%s works on any system: it imports nothing that needs Linux', command => {
    const packages = packagesOf(fileURLToPath(new URL(`../${command}/run.ts`, import.meta.url)))
    expect(packages).toContain('@bpf/object')
    expect(linuxOnly.filter(name => packages.has(name))).toEqual([])
  })
})

describe('commands that look at what is in the kernel', () => {
  it.each([
    'prog/list',
    'map/list',
    'btf/list',
    'token/list',
    'link/list',
    'net/list',
    'perf/list',
    'cgroup/list',
    'top/run',
    'trace/run',
    'feature/run',
  ])('%s starts without what loads programs', command => {
    const packages = packagesOf(fileURLToPath(new URL(`../${command}.ts`, import.meta.url)))
    expect(packages).toContain('@bpf/sys')
    expect([...packages]).not.toContain('@bpf/loader')
  })
})
