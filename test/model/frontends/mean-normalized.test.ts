import { describe, expect, it } from 'vitest'
import { frontEndSchema } from '../../../src/model/frontends/config.ts'
import { createFrontEnd } from '../../../src/model/frontends/create.ts'
import { featuresFrontEnd } from '../../../src/model/frontends/features.ts'
import { meanNormalized } from '../../../src/model/frontends/mean-normalized.ts'
import { seeded } from '../../../src/random.ts'

describe('meanNormalized', () => {
  it("takes each bin's mean over the window off, at the offset alone", () => {
    const frontEnd = meanNormalized(featuresFrontEnd(3, 2))
    expect(frontEnd).toMatchObject({ windowShape: [3, 2], items: 1, featureShape: [3, 2, 1] })
    const out = new Float32Array(8).fill(7)
    frontEnd.transform(Float32Array.of(1, 10, 2, 10, 6, 40), out, 1)
    expect([...out]).toEqual([7, -2, -10, -1, -10, 3, 20, 7])
    frontEnd.transform(Float32Array.of(1, 10, 2, 10, 6, 40), out, 1)
    expect([...out.subarray(1, 3)]).toEqual([-2, -10])
  })

  it('makes a log-mel window the same at any gain', () => {
    const config = { type: 'log-mel', window_samples: 4096, n_fft: 512, hop_length: 256, n_mels: 20, stack: 3 }
    const features = (gain: number, cmn: boolean) => {
      const frontEnd = createFrontEnd(frontEndSchema.parse({ ...config, cmn }))
      const random = seeded(1)
      const out = new Float32Array(frontEnd.items * 60)
      frontEnd.transform(
        Float32Array.from({ length: 4096 }, () => gain * random.normal()),
        out,
      )
      return out
    }
    const [quiet, loud] = [features(0.01, true), features(0.5, true)]
    for (const [i, value] of quiet.entries()) expect(value).toBeCloseTo(loud[i], 3)
    expect(features(0.5, false)[0] - features(0.01, false)[0]).toBeCloseTo(20 * Math.log10(50), 3)
  })
})
