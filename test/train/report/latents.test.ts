import { describe, expect, it } from 'vitest'
import { type LatentsView, renderLatents } from '../../../src/train/report/latents.ts'

const pca = { mean: [0], components: [[1]], explained_variance: [4], explained_variance_ratio: [0.75] }
const places = Float32Array.of(0, 0, 1, 1, 2, 0, 9, 9)
const view = (changes: Partial<LatentsView> = {}): LatentsView => ({
  map: { method: 'umap', places, pca },
  assigned: [3, 3, 1, null],
  scores: [1, 2, 5, 7],
  clustering: 'kmeans',
  exemplars: new Map([[3, ['a.wav@0', 'b<c.wav@1', 'c.wav@2', 'd.wav@3']]]),
  ...changes,
})

describe('renderLatents', () => {
  it('draws each latent in the colour of its cluster, the largest first', () => {
    const html = renderLatents(view())
    const paths = [...html.matchAll(/<path class="points (g\d+)" d="([^"]*)"/g)].map(([, name, d]) => [
      name,
      d.split('M').length - 1,
    ])
    expect(Object.fromEntries(paths)).toEqual({ g1: 2, g2: 1, g0: 1 })
    expect(html).toContain('aria-label="Map of the items, coloured by cluster"')
    expect(html).toContain('UMAP 1')
  })

  it('says of each cluster how many windows, how they score, and which are typical', () => {
    const rows = renderLatents(view()).match(/<tr>.*?<\/tr>/g)!
    expect(rows).toHaveLength(4)
    expect(rows[1]).toContain('3</td><td>2 (50 %)</td><td>1.5</td><td>a.wav@0<br>b&#60;c.wav@1<br>c.wav@2</td>')
    expect(rows[3]).toContain('none</td><td>1 (25 %)</td><td>7</td><td></td>')
  })

  it('names the axes of principal components by what they explain', () => {
    const html = renderLatents(view({ map: { method: 'pca', places, pca } }))
    expect(html).toContain('component 1 (75 % of the variance)')
    expect(html).toContain('component 2 (0 % of the variance)')
  })

  it('goes without a map', () => {
    const html = renderLatents(view({ map: undefined }))
    expect(html).not.toContain('<svg')
    expect(html).toContain('2 (50 %)')
  })

  it('has grey for more clusters than colours', () => {
    const assigned = Array.from({ length: 24 }, (_, i) => Math.floor(i / 2) + 1)
    const html = renderLatents(view({ assigned, map: { method: 'umap', places: new Float32Array(48), pca } }))
    expect(html.match(/<path class="points g0"/g)).toHaveLength(2)
    expect(html).toContain('class="points g10"')
  })
})
