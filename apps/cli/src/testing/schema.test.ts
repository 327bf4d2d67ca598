import { describe, expect, it } from 'vitest'
import { commands } from '../commands'
import { namesOfJsonCommands, schemaNames, schemaOf, schemasUsedBy } from './schema'

describe('the schemas of what --json prints', () => {
  // A new command with --json needs schemas/GROUP-COMMAND.schema.json; `runCli` holds what the command prints against it.
  it.each(namesOfJsonCommands(commands))('%s has one', name => {
    expect(schemaNames).toContain(name)
    expect(schemaOf(name)).toBeTypeOf('function')
  })

  it('belong to a command, each of them', () => {
    const used = new Set(namesOfJsonCommands(commands).flatMap(name => [...schemasUsedBy(name)]))
    expect(schemaNames.filter(name => !used.has(name))).toEqual([])
  })
})
