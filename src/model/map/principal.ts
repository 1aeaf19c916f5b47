import { fitPca, type Pca, project } from '../clusters/pca.ts'

/** Dimensions that are kept of it. */
export const COMPONENTS = 3

/** The first three principal components of latents, or as many as there are; none of a single latent. */
export function principalComponents(latents: Float32Array, dimensions: number): Pca {
  if (latents.length >= 2 * dimensions) return fitPca(latents, dimensions, Math.min(COMPONENTS, dimensions))
  return { mean: [...latents], components: [], explained_variance: [], explained_variance_ratio: [] }
}

/** A latent's place on the first `count` components, 0 along those that there are not. @throws AUSCULT_INPUT_SHAPE */
export function projectTo(pca: Pca, latent: Float32Array, count: number): Float32Array {
  const place = new Float32Array(count)
  place.set(project(pca, latent).subarray(0, count))
  return place
}

/** The same of many: `[n × dimensions]` to `[n × count]`. */
export function projectAll(pca: Pca, latents: Float32Array, dimensions: number, count: number): Float32Array {
  const n = latents.length / dimensions
  const places = new Float32Array(n * count)
  for (let i = 0; i < n; i++) {
    places.set(projectTo(pca, latents.subarray(i * dimensions, (i + 1) * dimensions), count), i * count)
  }
  return places
}
