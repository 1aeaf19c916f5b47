import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Cut, type Tail, Windower } from '../../src/ingest/windower.ts'

const ramp = (n: number) => Float32Array.from({ length: n }, (_, i) => i + 1)

/** The windows by their definition: slices of the whole. */
function slices(samples: Float32Array, size: number, hop: number, tail: Tail): Cut[] {
  const cuts: Cut[] = []
  let covered = 0
  let offset = 0
  for (; offset + size <= samples.length; offset += hop) {
    cuts.push({ offset, data: samples.slice(offset, offset + size) })
    covered = offset + size
  }
  if (tail === 'pad' && offset < samples.length && covered < samples.length) {
    const data = new Float32Array(size)
    data.set(samples.slice(offset))
    cuts.push({ offset, data })
  }
  return cuts
}

describe('Windower', () => {
  it('gives the windows of slicing the whole, however the stream is split', () => {
    const positive = (max: number) => fc.integer({ min: 1, max })
    const lengths = fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 20 })
    const tails = fc.constantFrom<Tail>('drop', 'pad')
    fc.assert(
      fc.property(lengths, positive(40), positive(60), tails, (chunks, size, hop, tail) => {
        const samples = ramp(chunks.reduce((sum, n) => sum + n, 0))
        const windower = new Windower({ size, hop, tail })
        const cuts: Cut[] = []
        let position = 0
        for (const n of chunks) {
          const chunk = samples.slice(position, position + n)
          cuts.push(...windower.push(chunk))
          chunk.fill(Number.NaN)
          position += n
        }
        cuts.push(...windower.flush())
        expect(cuts).toEqual(slices(samples, size, hop, tail))
      }),
      { numRuns: 1000 },
    )
  })

  it('gives a window away: nothing that happens later changes it', () => {
    const windower = new Windower({ size: 4, hop: 1 })
    const [first] = windower.push(ramp(4))
    windower.push(ramp(4))
    expect([...first.data]).toEqual([1, 2, 3, 4])
  })

  it('starts anew after flush and reset', () => {
    const windower = new Windower({ size: 2, hop: 2 })
    windower.push(ramp(3))
    windower.flush()
    expect(windower.push(ramp(2))).toEqual([{ offset: 0, data: ramp(2) }])
    windower.push(ramp(1))
    windower.reset(100)
    expect(windower.push(ramp(2))).toEqual([{ offset: 100, data: ramp(2) }])
  })

  it('refuses sizes and hops that are no positive integers', () => {
    for (const [size, hop] of [
      [0, 1],
      [1, 0],
      [1.5, 1],
      [4, Number.NaN],
    ]) {
      expect(() => new Windower({ size, hop })).toThrow(RangeError)
    }
  })
})
