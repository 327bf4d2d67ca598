import { spawnSync } from 'node:child_process'

/** The shared libraries of an executable and its loader, where the dynamic linker finds them; none of a static one. */
export function sharedLibraries(executable: string): readonly string[] {
  const { stdout } = spawnSync('ldd', [executable], { encoding: 'utf8' })
  return parseLdd(stdout ?? '')
}

/** Lines `libc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x…)` and `/lib64/ld-linux-x86-64.so.2 (0x…)`. */
export function parseLdd(text: string): readonly string[] {
  return [...text.matchAll(/^\s*(?:\S+ => )?(\/\S+) \(0x[0-9a-f]+\)$/gm)].map(match => String(match[1]))
}
