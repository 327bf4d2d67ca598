import { asksForVersion, printVersion } from '@bpf/terminal/version'
import { version } from './version'

const args = process.argv.slice(2)
if (asksForVersion(args)) {
  // Scripts ask often; the commands take longer to load than everything that this needs.
  printVersion(version)
} else {
  const { run } = await import('./run')
  process.exitCode = await run(args)
}
