// `pnpm sizes`: writes docs/sizes.md from the packages as they are built. With --check says which have changed noticeably.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describePack, published } from './published.mjs'
import { root } from './workspace.mjs'

const page = join(root, 'docs/sizes.md')
/** Part of its size that a package may grow or shrink by before the table is out of date. */
const tolerance = 0.25

const kilobytes = bytes => `${(bytes / 1000).toFixed(1)} kB`

function measure({ directory, manifest }) {
  const { size, unpackedSize, files } = describePack(directory)
  const code = files.filter(({ path }) => path.endsWith('.js')).reduce((sum, file) => sum + file.size, 0)
  return { name: manifest.name, size, unpackedSize, code }
}

function render(rows) {
  const lines = rows.map(
    ({ name, size, unpackedSize, code }) => `| \`${name}\` | ${kilobytes(size)} | ${kilobytes(unpackedSize)} | ${kilobytes(code)} |`,
  )
  return `# Sizes

What each package weighs on its own, without its dependencies: the download, what is unpacked of it (with types, source maps and
readme), and its JavaScript, not minified. Written by \`pnpm sizes\`; a test fails when a package has changed by more than a quarter.

| package | download | unpacked | JavaScript |
| --- | ---: | ---: | ---: |
${lines.join('\n')}
`
}

/** Name → kilobytes of the download, as the page has them. */
function known() {
  const rows = readFileSync(page, 'utf8').matchAll(/^\| `([^`]+)`\s*\|\s*([\d.]+) kB/gm)
  return new Map([...rows].map(([, name, size]) => [name, Number(size) * 1000]))
}

const rows = published.map(measure)
if (process.argv.includes('--check')) {
  const table = known()
  const changed = rows.filter(({ name, size }) => Math.abs(size / (table.get(name) ?? 0) - 1) > tolerance)
  for (const { name, size } of changed) console.log(`${name}: ${kilobytes(size)} now; run pnpm sizes`)
  process.exitCode = changed.length === 0 ? 0 : 1
} else {
  writeFileSync(page, render(rows))
}
