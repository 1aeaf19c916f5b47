import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Latch } from '../../../src/ingest/signal/latch.ts'

type Block = 'bad' | 'good' | 'between'

/** What the documentation says, without being clever. */
function reference(blocks: readonly Block[], n: number): (boolean | undefined)[] {
  let on = false
  return blocks.map((_, i) => {
    const last = blocks.slice(Math.max(0, i + 1 - n), i + 1)
    const begins = !on && last.length === n && last.every(block => block === 'bad')
    const ends = on && last.filter(block => block === 'good').length >= Math.min(3, n)
    if (!begins && !ends) return undefined
    on = begins
    return on
  })
}

describe('Latch', () => {
  it('begins after bad blocks in a row and ends with three good ones, in any sequence', () => {
    const block = fc.oneof(
      { weight: 4, arbitrary: fc.constant<Block>('bad') },
      fc.constantFrom<Block>('good', 'between'),
    )
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.array(block, { maxLength: 100 }), (n, blocks) => {
        const latch = new Latch(n)
        const changes = blocks.map(value => latch.push(value === 'bad', value === 'good'))
        expect(changes).toEqual(reference(blocks, n))
      }),
    )
  })

  it('ends on nothing but good blocks, and not on a click', () => {
    const latch = new Latch(10)
    for (let i = 0; i < 9; i++) expect(latch.push(true, false)).toBeUndefined()
    expect(latch.push(true, false)).toBe(true)
    for (let i = 0; i < 100; i++) expect(latch.push(false, i % 10 === 0)).toBeUndefined()
  })

  it('keeps the trouble over a reset, and forgets the blocks', () => {
    const latch = new Latch(3)
    latch.push(true, false)
    latch.push(true, false)
    latch.reset()
    expect(latch.push(true, false)).toBeUndefined()
    expect(latch.push(true, false)).toBeUndefined()
    expect(latch.push(true, false)).toBe(true)
    latch.push(false, true)
    latch.push(false, true)
    latch.reset()
    expect([1, 2, 3].map(() => latch.push(false, true))).toEqual([undefined, undefined, false])
  })
})
