import { describe, expect, it } from 'vitest'
import { itemsOf, latentsOfItems } from '../../../src/train/evaluation/items.ts'

const window = (path: string, offset: number, score: number, ...latent: number[]) => ({
  path,
  offset,
  score,
  latent: Float32Array.from(latent),
})
const windows = [window('a', 0, 1, 0, 2), window('a', 10, 3, 4, 4), window('b', 0, 5, 7, 7)]

describe('itemsOf', () => {
  it('takes windows as they are', () => {
    expect(itemsOf(windows, 'window')).toEqual([
      { file: 'a', offset: 0, score: 1, latent: Float32Array.of(0, 2) },
      { file: 'a', offset: 10, score: 3, latent: Float32Array.of(4, 4) },
      { file: 'b', offset: 0, score: 5, latent: Float32Array.of(7, 7) },
    ])
  })

  it('takes recordings with the mean of their latents, and the mean or the largest score', () => {
    const a = { file: 'a', offset: null, latent: Float32Array.of(2, 3) }
    expect(itemsOf(windows, 'file')[0]).toEqual({ ...a, score: 2 })
    const items = itemsOf(windows, 'file', 'max')
    expect(items[0]).toEqual({ ...a, score: 3 })
    expect(latentsOfItems(items)).toEqual({ latents: Float32Array.of(2, 3, 7, 7), dimensions: 2 })
  })

  it.each([
    ['a latent', window('b.wav', 40, 1, 0, Number.NaN), 'value 1 of the latent is NaN in the window that begins at 40'],
    [
      'a score',
      window('b.wav', 0, Number.POSITIVE_INFINITY, 0, 0),
      'the score is Infinity in the window that begins at 0',
    ],
  ])('refuses %s that is no number, and says where', (_, bad, message) => {
    expect(() => itemsOf([...windows, bad], 'file')).toThrow(
      expect.objectContaining({ code: 'AUSCULT_NON_FINITE', at: 'b.wav', message, remedy: expect.any(String) }),
    )
  })
})
