import { describe, expect, it } from 'vitest'
import { principalComponents, projectAll, projectTo } from '../../../src/model/map/principal.ts'

describe('principal components of the map', () => {
  it('are three, or as many as there are dimensions', () => {
    const latents = Float32Array.from({ length: 60 }, (_, i) => Math.sin(i * i))
    expect(principalComponents(latents, 5).components).toHaveLength(3)
    expect(principalComponents(latents, 2).components).toHaveLength(2)
    expect(principalComponents(latents, 1).components).toHaveLength(1)
  })

  it('have places of 0 along those that there are not', () => {
    const line = principalComponents(Float32Array.of(1, 2, 3, 6), 1)
    expect([...projectTo(line, Float32Array.of(4), 3)]).toEqual([1, 0, 0])
    const single = principalComponents(Float32Array.of(5, 7), 2)
    expect([...projectAll(single, Float32Array.of(5, 7, 9, 9), 2, 3)]).toEqual([0, 0, 0, 0, 0, 0])
  })

  it('put latents along the direction in which they differ most', () => {
    const latents = Float32Array.of(0, 0, 3, 4, 6, 8)
    expect([...projectAll(principalComponents(latents, 2), latents, 2, 1)].map(value => value.toFixed(4))).toEqual([
      '-5.0000',
      '0.0000',
      '5.0000',
    ])
  })
})
