import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkConfig } from '../../../src/config.ts'
import {
  axesOf,
  candidates,
  fits,
  inputShape,
  layoutText,
  parseLayout,
  permutation,
} from '../../../src/model/foreign/layout.ts'
import { frontEndSchema } from '../../../src/model/frontends/config.ts'

const mel = checkConfig({ type: 'log-mel' }, frontEndSchema, '')
const frame = checkConfig({ type: 'frame', shape: [16, 20] }, frontEndSchema, '')
const axes = axesOf(mel, [32, 128, 1])

describe('layout', () => {
  it('names the axes of each front end', () => {
    expect(axes.map(({ name }) => name)).toEqual(['frames', 'bins', 'channels'])
    expect(axesOf(frame, [16, 20, 1]).map(({ name }) => name)).toEqual(['height', 'width', 'channels'])
    expect(axesOf(mel, [640]).map(({ name }) => name)).toEqual(['values'])
  })

  it('says the shape and the order of axes', () => {
    const layout = parseLayout('batch channels bins frames', axes, '')
    expect(inputShape(layout, axes)).toEqual([-1, 1, 128, 32])
    expect(permutation(layout, axes)).toEqual([0, 3, 2, 1])
    const flat = parseLayout('batch (bins frames)', axes, '')
    expect(inputShape(flat, axes)).toEqual([-1, 4096])
    expect(permutation(flat, axes)).toEqual([0, 2, 1, 3])
    expect(inputShape(parseLayout('frames batch bins', axes, ''), axes)).toEqual([32, -1, 128])
    expect(fits(layout, axes, [null, 1, 128, null])).toBe(true)
    expect(fits(layout, axes, [null, 1, 32, 128])).toBe(false)
  })

  it('is read as it is written', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([0, 1, 2], { minLength: 3 }), fc.nat(3), fc.boolean(), (order, place, joined) => {
        const groups = joined ? [order.slice(0, 2), order.slice(2)] : order.map(axis => [axis])
        groups.splice(Math.min(place, groups.length), 0, [-1])
        expect(parseLayout(layoutText(groups, axes), axes, '')).toEqual(groups)
      }),
    )
  })

  it.each([
    ['batch bins', /frames is left out/],
    ['bins frames', /batch/],
    ['batch bins bins frames', /twice/],
    ['batch rows', /no axis rows/],
  ])('%s is refused', (text, message) => {
    expect(() => parseLayout(text, axes, 'm.yaml')).toThrow(
      expect.objectContaining({ code: 'AUSCULT_CONFIG', message: expect.stringMatching(message), at: 'm.yaml' }),
    )
  })

  it('follows from the shape of the input, where that leaves no doubt', () => {
    const texts = (dims: (number | null)[]) => candidates(mel, axes, dims).map(layout => layoutText(layout, axes))
    expect(texts([null, 1, 128, 32])).toEqual(['batch 1 bins frames'])
    expect(texts([null, 32, 128, 1])).toEqual(['batch frames bins 1'])
    expect(texts([1, null, 128])).toEqual(['batch frames bins'])
    expect(texts([null, 4096])).toEqual(['batch (frames bins)', 'batch (bins frames)'])
    expect(texts([null, 64, 64])).toEqual([])
    expect(candidates(frame, axesOf(frame, [16, 20, 1]), [null, 320])).toHaveLength(1)
    expect(candidates(frame, axesOf(frame, [16, 16, 1]), [null, 1, 16, 16])).toHaveLength(1)
  })
})
