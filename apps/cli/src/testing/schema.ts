import { readdirSync, readFileSync } from 'node:fs'
import { type Command, type CommandGroup, isGroup } from '@bpf/terminal'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { expect } from 'vitest'
import { commands } from '../commands'

const directory = new URL('../../schemas/', import.meta.url)

/** Names of all schemas: `map-list`. */
export const schemaNames: readonly string[] = readdirSync(directory).map(file => file.replace('.schema.json', ''))

const texts: ReadonlyMap<string, string> = new Map(schemaNames.map(name => [name, readFileSync(new URL(fileOf(name), directory), 'utf8')]))

function fileOf(name: string): string {
  return `${name}.schema.json`
}

/** They refer to each other by file name. */
const ajv = new Ajv2020({ allErrors: true, strict: true, strictTuples: false, strictRequired: false, allowUnionTypes: true })
for (const [name, text] of texts) ajv.addSchema(JSON.parse(text), fileOf(name))

export function schemaOf(name: string): ValidateFunction | undefined {
  return ajv.getSchema(fileOf(name))
}

/** Fails unless `document` is as `schemas/NAME.schema.json` says. Schemas allow no properties that they do not name. */
export function expectToMatchSchema(document: unknown, name: string): void {
  const validate = schemaOf(name)
  if (validate === undefined) throw new Error(`there is no schemas/${name}.schema.json`)
  validate(document)
  expect(validate.errors ?? [], `as schemas/${name}.schema.json has it`).toEqual([])
}

/** A schema, and those that it refers to. */
export function schemasUsedBy(name: string, used = new Set<string>()): ReadonlySet<string> {
  if (used.has(name)) return used
  used.add(name)
  for (const [, other = ''] of (texts.get(name) ?? '').matchAll(/"([\w-]+)\.schema\.json/g)) schemasUsedBy(other, used)
  return used
}

/** Fails unless what `bpf ARGS` printed is as the command's schema says: one document, or a document a line. */
export function expectToMatchSchemaOf(args: readonly string[], out: readonly string[]): void {
  const name = schemaNameOf(args)
  if (name === undefined) return
  for (const document of documentsIn(out)) expectToMatchSchema(document, name)
}

/** `map-list` of `map show --json`, by the table of commands. */
function schemaNameOf([first, second]: readonly string[]): string | undefined {
  const entry = commands.find(each => each.name === first)
  if (entry === undefined) return undefined
  if (!isGroup(entry)) return entry.name
  const command = entry.commands.find(each => each.name === second || each.aliases?.includes(second ?? ''))
  return `${entry.name}-${command?.name ?? entry.fallback}`
}

function documentsIn(out: readonly string[]): unknown[] {
  try {
    return [JSON.parse(out.join('\n'))]
  } catch {
    return out.map(line => JSON.parse(line))
  }
}

/** What a command that has `--json` prints is described by the schema of this name. */
export function namesOfJsonCommands(all: readonly (Command | CommandGroup)[]): string[] {
  return all.flatMap(each =>
    isGroup(each) ? each.commands.filter(hasJson).map(({ name }) => `${each.name}-${name}`) : hasJson(each) ? [each.name] : [],
  )
}

/** By `--json`, or by `--format json`. */
function hasJson({ options }: Command): boolean {
  return 'json' in options || options['format']?.choices?.includes('json') === true
}
