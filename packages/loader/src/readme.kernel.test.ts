import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { setInterval } from 'node:timers'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { bundle } from './testing/bundle'
import { isRoot } from './testing/kernel'

it.skipIf(!isRoot)('the example of the README shows programs that start (needs root)', { timeout: 30_000 }, async () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const object = fileURLToPath(new URL('../../fixtures/objects/examples/execsnoop.o', import.meta.url))
  const code = (/```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? '').replace('@bpf/loader', './index').replace('execsnoop.o', object)
  const source = new URL(`./readme-${process.pid}.ts`, import.meta.url)
  writeFileSync(source, code)
  try {
    using program = await bundle(source)
    const child = spawn(process.execPath, [program.path], { stdio: ['ignore', 'pipe', 'inherit'] })
    let output = ''
    child.stdout.on('data', chunk => {
      output += chunk
      if (output.includes('filename')) child.kill()
    })
    const starting = setInterval(() => void spawn('/bin/true'), 100)
    await once(child, 'close')
    clearInterval(starting)
    expect(output).toMatch(/→ sched:sched_process_exec by bpf link/)
    expect(output).toContain('/bin/true')
  } finally {
    rmSync(source)
  }
})
