import { spawnSync } from 'node:child_process'
import type { Files } from '@bpf/kernel'
import { describe, expect, it } from 'vitest'
import { testContext } from '../testing/test-context'
import { isLeftOver, ownerTag } from './owner-tag'

const { files: realFiles } = testContext().kernel

/** No process can be seen. */
const empty: Files = { ...realFiles, text: () => undefined }

describe('the mark of a process on what outlives it', () => {
  const mine = ownerTag(realFiles)
  const ended = mine.replace(/_\d+_(\d+)$/, `_${spawnSync('true').pid}_$1`)

  it('fits into the name of an event', () => {
    expect(mine).toMatch(/^bpfts_[0-9a-f]+_\d+_\d+$/)
    expect(mine.length).toBeLessThan(45)
    expect(isLeftOver(realFiles, `clsact_${ended}_my_program`)).toBe(true)
  })

  it('tells whether the process still runs', () => {
    expect(isLeftOver(realFiles, `${mine}_name`)).toBe(false)
    expect(isLeftOver(realFiles, `bpfts/${mine}_name`)).toBe(false)
    expect(isLeftOver(realFiles, `${ended}_name`)).toBe(true)
  })

  it('does not take a process that is hidden for one that has ended', () => {
    expect(isLeftOver(empty, `${mine}_name`)).toBe(false)
    expect(isLeftOver(empty, `${ended}_name`)).toBe(true)
  })

  it('tells processes of the same number apart', () => {
    expect(isLeftOver(realFiles, mine.replace(/\d+$/, '7'))).toBe(true)
  })

  it('says nothing about processes of other pid namespaces', () => {
    expect(isLeftOver(empty, mine.replace(/_[0-9a-f]+_/, '_1_'))).toBe(false)
  })

  it('is not in other names', () => {
    expect(isLeftOver(empty, 'my_filter')).toBe(false)
    expect(isLeftOver(empty, 'libbpf_1234_x')).toBe(false)
  })
})
