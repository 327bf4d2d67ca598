import { describe, expect, it } from 'vitest'
import { expectGolden } from '../testing/golden'
import { badMachine, goodMachine } from '../testing/machines'
import { machineChecks } from './checks'
import type { Machine } from './machine'
import { printReport } from './print'

describe('what bpf doctor prints', () => {
  const golden = (name: string) => new URL(`golden/${name}.txt`, import.meta.url)

  it.each<[string, Machine]>([
    ['good', goodMachine],
    ['bad', badMachine],
  ])('of a %s machine fits a terminal', async (name, machine) => {
    for (const columns of [80, 120])
      await expectGolden(golden(`${name}-${columns}`), columns, io => printReport(machineChecks(machine), io))
    expect(machineChecks(machine).length).toBeGreaterThan(0)
  })
})
