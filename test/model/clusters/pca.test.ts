import { describe, expect, it } from 'vitest'
import { fitPca, project } from '../../../src/model/clusters/pca.ts'
import { difference, golden } from './golden.ts'

const cases = golden.pcas.map((each, i) => [i, each] as const)

describe('principal components', () => {
  it.each(cases)('case %i agrees with scikit-learn, signs included', (_, each) => {
    const d = each.mean.length
    const pca = fitPca(Float32Array.from(each.latents.flat()), d, each.components.length)
    expect(difference(pca.mean, each.mean)).toBeLessThan(1e-9)
    expect(difference(pca.components.flat(), each.components.flat())).toBeLessThan(1e-8)
    expect(difference(pca.explained_variance, each.explained_variance)).toBeLessThan(1e-9)
    expect(difference(pca.explained_variance_ratio, each.explained_variance_ratio)).toBeLessThan(1e-9)
    const projected = each.latents.flatMap(latent => [...project(pca, Float32Array.from(latent))])
    expect(difference(projected, each.projected.flat())).toBeLessThan(1e-5)
  })

  it('of equal latents have no variance', () => {
    const pca = fitPca(new Float32Array(12).fill(3), 4, 2)
    expect(pca.explained_variance).toEqual([0, 0])
    expect(pca.explained_variance_ratio).toEqual([0, 0])
    expect([...project(pca, new Float32Array(4).fill(3))]).toEqual([0, 0])
  })

  it('are not made of one latent, more of them than dimensions, or NaN', () => {
    const code = (value: string) => expect.objectContaining({ code: value })
    expect(() => fitPca(new Float32Array(3), 3, 2)).toThrow(code('AUSCULT_INPUT_SHAPE'))
    expect(() => fitPca(new Float32Array(6), 2, 3)).toThrow(code('AUSCULT_INPUT_SHAPE'))
    expect(() => fitPca(Float32Array.of(1, 2, Number.NaN, 4), 2, 2)).toThrow(code('AUSCULT_NON_FINITE'))
    expect(() => project(fitPca(new Float32Array(6), 2, 2), new Float32Array(3))).toThrow(code('AUSCULT_INPUT_SHAPE'))
  })
})
