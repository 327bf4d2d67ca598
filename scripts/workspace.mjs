// What `npm start` and `npm test` share: they must work on a machine that has only Node and npm.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

/** Runs a command in the workspace; its stdout goes to our stderr, so that stdout stays data. Returns the exit code. */
export function run(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2], ...options })
  if (result.error) throw result.error
  return result.status ?? 1
}

/** The same, but silent unless it fails. */
function runQuietly(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26, ...options })
  if (result.error) throw result.error
  if (result.status !== 0) process.stderr.write(result.stdout + result.stderr)
  return result.status ?? 1
}

/** Runs the pinned pnpm through npx: nothing needs to be installed globally. */
function pnpm(args, { quiet = false, ...options } = {}) {
  return (quiet ? runQuietly : run)('npx', ['--yes', manifest.packageManager, ...args], options)
}

/** Runs a workspace tool (turbo, vitest, …), through pnpm because turbo looks for it on the PATH. */
export function tool(name, args, options = {}) {
  const env = { ...process.env, TURBO_TELEMETRY_DISABLED: '1', ...options.env }
  return pnpm(['exec', name, ...args], { ...options, env })
}

export function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return
  console.error(`Node ${process.versions.node} is too old: 20.19 or newer is needed.`)
  process.exit(2)
}

/** Installs the dependencies unless the last install is newer than the lock file. */
export function install() {
  const marker = join(root, 'node_modules', '.modules.yaml')
  const lock = join(root, 'pnpm-lock.yaml')
  if (existsSync(marker) && statSync(marker).mtimeMs > statSync(lock).mtimeMs) return
  step('installing dependencies')
  const code = pnpm(['install', '--frozen-lockfile', '--reporter=append-only'], { quiet: true })
  exitOnFailure(code, 'the installation of the dependencies')
}

/** Builds what `filter` selects, with what it depends on. */
export function build(filter) {
  step('building')
  const args = ['run', 'build', ...(filter ? [`--filter=${filter}`] : []), '--output-logs=errors-only', '--concurrency=100%']
  exitOnFailure(tool('turbo', args, { quiet: true }), 'the build')
}

export function step(text) {
  console.error(`${text} …`)
}

function exitOnFailure(code, what) {
  if (code === 0) return
  console.error(`${what} failed (exit code ${code})`)
  process.exit(1)
}
