import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { build, stop } from 'esbuild'

export interface RunningExample {
  /** Settles when it has ended by itself and all it said is here. */
  readonly ended: Promise<unknown>
  /** stdout and stderr so far. */
  readonly output: () => string
  /** Does `action` again and again until the output matches. */
  until(pattern: RegExp, action?: () => void): Promise<void>
}

/** Starts an example's sources with plain Node, lets `use` watch it, and ends it. */
export async function withExample(
  name: string,
  args: readonly string[],
  use: (example: RunningExample) => Promise<void>,
  prefix: readonly string[] = [],
): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'bpf-example-'))
  const program = join(directory, 'program.mjs')
  try {
    await bundle(join(import.meta.dirname, name, 'main.ts'), program)
    const [command = '', ...rest] = [...prefix, process.execPath, program, ...args]
    const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', chunk => (output += chunk))
    const closed = once(child, 'close')
    try {
      await use({
        ended: closed,
        output: () => output,
        async until(pattern, action = () => {}) {
          while (!pattern.test(output)) {
            if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}:\n${output}`)
            action()
            await setTimeout(100)
          }
        },
      })
    } finally {
      child.kill()
      await closed
    }
  } finally {
    rmSync(directory, { recursive: true })
  }
}

async function bundle(source: string, program: string): Promise<void> {
  // It loads a native library from beside itself, so it must stay where it is.
  const koffi = createRequire(new URL('../packages/sys/package.json', import.meta.url)).resolve('koffi')
  await build({
    entryPoints: [source],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['@bpf/source'],
    logLevel: 'error',
    plugins: [{ name: 'koffi', setup: ({ onResolve }) => onResolve({ filter: /^koffi$/ }, () => ({ path: koffi, external: true })) }],
  })
  // The bundler would keep a process of its own, and pipes to it.
  await stop()
}
