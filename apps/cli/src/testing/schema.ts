import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect } from 'vitest'

/** Fails unless `document` is as `schemas/NAME.schema.json` says. Schemas allow no properties that they do not name. */
export function expectToMatchSchema(document: unknown, name: string): void {
  const schema: unknown = JSON.parse(readFileSync(new URL(`../../schemas/${name}.schema.json`, import.meta.url), 'utf8'))
  const ajv = new Ajv2020({ allErrors: true, strict: true, strictTuples: false })
  const validate = ajv.compile(schema as object)
  validate(document)
  expect(validate.errors ?? []).toEqual([])
}
