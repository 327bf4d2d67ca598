// `pnpm --filter @bpf/examples generate`: writes each example's object.gen.ts, as `bpf gen types` does for anybody.
import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'

const here = import.meta.dirname
const cli = join(here, '../apps/cli/dist/main.js')
const objects = join(here, '../packages/fixtures/objects/examples')

for (const entry of readdirSync(here, { withFileTypes: true })) {
  if (!entry.isDirectory() || entry.name === 'node_modules') continue
  const object = join(objects, `${entry.name}.o`)
  execFileSync('node', [cli, 'gen', 'types', object, '-o', join(here, entry.name, 'object.gen.ts')], { stdio: 'inherit' })
}
