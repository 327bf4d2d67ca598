import { readFileSync } from 'node:fs'
import { type App, ExitCode, type Io, runApp, toJson, UsageError } from '@bpf/terminal'
import { readFileNaming } from '../object-file'
import { parseBatch } from './parse'

interface Invocation {
  readonly app: App
  readonly positionals: readonly string[]
  readonly options: { readonly 'keep-going': boolean; readonly json: boolean }
  readonly io: Io
}

/** `bpf batch FILE|-`; bpftool's `batch file FILE`, too. */
export async function runBatch({ app, positionals, options, io }: Invocation): Promise<number> {
  const [path, ...more] = positionals[0] === 'file' ? positionals.slice(1) : positionals
  if (path === undefined || more.length > 0) throw new UsageError('which file?', 'bpf batch FILE, or - for stdin')
  const commands = parseBatch(path === '-' ? readFileSync(0, 'utf8') : Buffer.from(readFileNaming(path, io)).toString())
  const results: { readonly command: readonly string[]; readonly exitCode: number; readonly output: readonly string[] }[] = []
  let worst: number = ExitCode.Ok
  for (const command of commands) {
    const output: string[] = []
    const exitCode = await runApp(app, command, options.json ? { ...io, out: line => output.push(...line.split('\n')) } : io)
    results.push({ command, exitCode, output })
    if (exitCode !== ExitCode.Ok && worst === ExitCode.Ok) worst = exitCode
    if (worst !== ExitCode.Ok && !options['keep-going']) break
  }
  if (options.json) io.out(toJson(results))
  const left = commands.length - results.length
  if (left > 0) io.note(`${results.at(-1)?.command.join(' ')} failed: ${left} more were not run`)
  return worst
}
