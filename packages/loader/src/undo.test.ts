import { describe, expect, it } from 'vitest'
import { Undo } from './undo'

const resource = (name: string, log: string[]) => ({ [Symbol.dispose]: () => void log.push(name) })

describe('Undo', () => {
  it('takes everything back, newest first, once', () => {
    const log: string[] = []
    const undo = new Undo()
    undo.own(resource('map', log))
    undo.own(resource('program', log))
    undo.run()
    undo.run()
    expect(log).toEqual(['program', 'map'])
  })

  it('takes nothing back once all is well', () => {
    const log: string[] = []
    const undo = new Undo()
    undo.own(resource('map', log))
    undo.keep()
    undo.run()
    expect(log).toEqual([])
  })

  it('tells of what went wrong at first, not of what cannot be taken back then', () => {
    const log: string[] = []
    const undo = new Undo()
    undo.own(resource('map', log))
    undo.own({
      [Symbol.dispose]: () => {
        throw new Error('busy')
      },
    })
    const refused = new Error('refused')
    expect(undo.because(refused)).toBe(refused)
    expect(log).toEqual(['map'])
  })

  it('goes on when one step fails, and then says so', () => {
    const log: string[] = []
    const undo = new Undo()
    undo.own(resource('map', log))
    undo.own({
      [Symbol.dispose]: () => {
        throw new Error('busy')
      },
    })
    expect(() => undo.run()).toThrow('busy')
    expect(log).toEqual(['map'])
  })
})
