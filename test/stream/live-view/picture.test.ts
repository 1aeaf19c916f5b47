import { describe, expect, it } from 'vitest'
import { createFeatureMap } from '../../../src/model/explanation/feature-map.ts'
import { frontEndSchema } from '../../../src/model/frontends/config.ts'
import { PictureMaker, toBytes } from '../../../src/stream/live-view/picture.ts'

const mapOf = (config: object, items: number, featureShape: number[]) =>
  createFeatureMap(frontEndSchema.parse(config), { items, featureShape })

describe('PictureMaker', () => {
  it('lays a spectrogram out with times to the right and low frequencies first', () => {
    const mel = { type: 'log-mel', sample_rate: 16000, n_fft: 1024, hop_length: 512, n_mels: 4, window_samples: 2048 }
    const maker = new PictureMaker(mapOf(mel, 1, [3, 4]))
    expect([maker.rows, maker.columns, maker.unit]).toEqual([4, 3, 'dB'])
    expect(maker.axes.x).toMatchObject({ name: 'time', unit: 's' })
    expect(maker.axes.y).toMatchObject({ name: 'frequency', unit: 'Hz' })
    const features = Float32Array.from({ length: 12 }, (_, i) => i)
    const { features: picture } = maker.make({ features, reconstruction: features })
    expect([...picture]).toEqual([0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11])
  })

  it('keeps large frames small, and shows of each place what is furthest from what was expected', () => {
    const [rows, columns] = [600, 700]
    const maker = new PictureMaker(mapOf({ type: 'frame', shape: [rows, columns] }, 1, [rows, columns, 1]))
    expect([maker.rows, maker.columns]).toEqual([200, 234])
    expect(maker.axes.y!.edges).toHaveLength(201)
    expect([maker.axes.x.edges[1], maker.axes.x.edges.at(-1)]).toEqual([3, 700])
    const reconstruction = new Float32Array(rows * columns).fill(2)
    const features = reconstruction.slice()
    features[400 * columns + 301] = 50
    features[599 * columns + 699] = -1
    const picture = maker.make({ features, reconstruction })
    expect(picture.features[133 * 234 + 100]).toBe(50)
    expect(picture.features[199 * 234 + 233]).toBe(-1)
    expect(picture.features.filter(value => value !== 2)).toHaveLength(2)
    expect(picture.reconstruction.every(value => value === 2)).toBe(true)
  })

  it('shows a wave by those of its samples that are furthest off', () => {
    const samples = 16_000
    const maker = new PictureMaker(mapOf({ type: 'raw', sample_rate: 16000 }, 1, [samples]))
    expect([maker.rows, maker.columns, maker.axes.y]).toEqual([1, 2000, undefined])
    const features = new Float32Array(samples)
    features[8003] = -0.5
    const picture = maker.make({ features, reconstruction: new Float32Array(samples) })
    expect(picture.features[1000]).toBe(-0.5)
  })

  it('turns values into bytes, and what lies outside into the ends', () => {
    const values = Float64Array.from([-10, 0, 5, 10, 99, Number.NaN])
    expect([...Buffer.from(toBytes(values, 0, 10), 'base64')]).toEqual([0, 0, 128, 255, 255, 0])
  })
})
