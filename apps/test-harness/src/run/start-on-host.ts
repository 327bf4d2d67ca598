import { runner } from './runner'

await runner(process.argv.slice(2))
