import { describe, expect, it } from 'vitest'
import { frontEndSchema } from '../../../src/model/frontends/config.ts'
import { createFrontEnd } from '../../../src/model/frontends/create.ts'
import { featuresFrontEnd } from '../../../src/model/frontends/features.ts'
import { sizeOf } from '../../../src/model/frontends/frontend.ts'
import { normalized } from '../../../src/model/frontends/normalized.ts'
import { applyNormalization } from '../../../src/model/normalizer.ts'
import { seeded } from '../../../src/random.ts'

describe('normalized', () => {
  it('normalises what the front end writes, and nothing beside it', () => {
    const frontEnd = normalized(featuresFrontEnd(2, 2), { offset: [1, 2], scale: [10, 0.5] })
    const out = new Float32Array(6).fill(7)
    frontEnd.transform(Float32Array.of(1, 2, 3, 4), out, 1)
    expect([...out]).toEqual([7, 0, 0, 20, 1, 7])
  })

  it('gives the same bits before stacking as after it', () => {
    const config = frontEndSchema.parse({ type: 'log-mel', window_samples: 4096, n_mels: 20, stack: 3 })
    const random = seeded(4)
    const offset = Array.from({ length: 20 }, () => 10 * random.normal())
    const scale = Array.from({ length: 20 }, () => random.uniform())
    const window = Float32Array.from({ length: 4096 }, () => random.normal())
    const [before, after] = [createFrontEnd(config, { offset, scale }), createFrontEnd(config)]
    const [a, b] = [before, after].map(each => new Float32Array(each.items * sizeOf(each.featureShape)))
    before.transform(window, a)
    after.transform(window, b)
    applyNormalization(b, offset, scale)
    expect(a).toEqual(b)
  })
})
