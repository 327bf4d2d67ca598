export { runApp } from './app'
export { parseCommandArgs } from './args'
export {
  type App,
  type Command,
  type CommandGroup,
  type Complete,
  defineCommand,
  findNamed,
  type Invocation,
  isGroup,
  type OptionSpecs,
  type OptionValues,
  type TypedLine,
} from './command'
export { parseCount } from './count'
export { parseDuration } from './duration'
export { UsageError } from './errors'
export { ExitCode } from './exit-code'
export { bashCompletion } from './generate/bash'
export { fishCompletion } from './generate/fish'
export { manPage } from './generate/man'
export { markdownPage } from './generate/markdown'
export { zshCompletion } from './generate/zsh'
export { commandHelp, generalHelp } from './help'
export { type Io, processIo, roomOf, type Style } from './io'
export { countOf } from './output/count-of'
export { toJson } from './output/json'
export { type LiveRegion, liveRegion } from './output/live-region'
export { StreamTable } from './output/stream-table'
export { type Column, formatTable } from './output/table'
export { flatten, formatValue } from './output/value'
export { wrapLine, wrapWords } from './output/wrap'
export { reportError } from './report-error'
export { onStopSignal } from './stop-signals'
