import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkConfig } from '../../src/config.ts'
import { readBundle, writeBundle } from '../../src/model/bundle.ts'
import { trainConfigSchema } from '../../src/train/config.ts'
import { type EvaluateOptions, evaluateBundle } from '../../src/train/evaluate.ts'
import { formatEvaluation } from '../../src/train/format-evaluation.ts'
import { runTraining } from '../../src/train/train.ts'
import { hum, workFolder } from './recordings.ts'

const PITCHES = { low: 0.05, high: 1.3 }

let folder: ReturnType<typeof workFolder>
let bundle: string
let labels: string

/** 40 normal hums and 10 anomalous ones of another pitch with labels; two folders without, a fifth and a half of them anomalous. */
beforeAll(async () => {
  folder = workFolder('evaluate-groups')
  const write = (path: string, seed: number, pitch: number) =>
    folder.wav(
      path,
      hum(400, seed, pitch).map(x => (pitch === PITCHES.low ? x : 2 * x)),
    )
  for (let i = 0; i < 10; i++) folder.wav(`train/${i}.wav`, hum(2000, i))
  const rows = ['file,label,class']
  for (let i = 0; i < 40; i++) rows.push(`${write(`test/known/low${i}.wav`, 100 + i, PITCHES.low)},1,low`)
  for (let i = 0; i < 10; i++) rows.push(`${write(`test/known/high${i}.wav`, 200 + i, PITCHES.high)},-1,high`)
  for (const [name, share] of [
    ['may', 0.2],
    ['june', 0.5],
  ] as const) {
    for (let i = 0; i < 40; i++) write(`test/${name}/${i}.wav`, 300 + i, i < share * 40 ? PITCHES.high : PITCHES.low)
  }
  labels = folder.write('labels.csv', rows.join('\n'))
  const config = {
    output: join(folder.path, 'model'),
    input: { paths: [join(folder.path, 'train')] },
    front_end: { type: 'raw', sample_rate: 1000, window_samples: 100 },
    architecture: { type: 'dense-ae', hidden: [32], latent: 4, batch_norm: false },
    training: { epochs: 40, batch_size: 16, learning_rate: 0.01 },
  }
  bundle = (await runTraining(checkConfig(config, trainConfigSchema, 'test'), { checkpoint: false })).bundleFolder
}, 60_000)
afterAll(() => folder.remove())

const evaluate = (options: Partial<EvaluateOptions> = {}) =>
  evaluateBundle({ bundle, paths: [join(folder.path, 'test')], labels, ...options })

describe('evaluateBundle with groups', () => {
  it.each(['latent', 'pca2', 'pca3', 'map'] as const)('groups recordings in the space %s', async space => {
    const { clusters, scores } = await evaluate({ clusters: { method: 'gmm', k: 2, space } })
    expect(clusters).toMatchObject({ method: 'gmm', k: 2, space, seed: 0 })
    expect(clusters!.dimensions).toBe({ latent: 4, pca2: 2, pca3: 3, map: 2 }[space])
    expect(clusters!.classes!.items).toBe(50)
    expect(clusters!.classes!.largest_class).toBe(0.8)
    expect(clusters!.decisions!.items).toBe(130)
    expect(clusters!.clusters.reduce((sum, { count }) => sum + count, 0)).toBe(130)
    for (const { id, count } of clusters!.clusters)
      expect(scores.filter(({ cluster }) => cluster === id)).toHaveLength(count)
  })

  it('groups windows, by density as well, and the same for the same seed', async () => {
    const options = { per: 'window', clusters: { method: 'denstream' } } as const
    const first = await evaluate(options)
    expect(first.clusters).toMatchObject({ method: 'denstream', k: null, space: 'latent' })
    expect(first.scores).toHaveLength(130 * 4)
    expect((await evaluate(options)).clusters).toEqual(first.clusters)
  })

  it('counts scores by class and by cluster', async () => {
    const plain = await evaluate()
    expect([plain.clusters, plain.histograms.cluster, plain.fraction]).toEqual([null, null, null])
    const total = (counts: number[]) => counts.reduce((a, b) => a + b, 0)
    const { class: byClass } = plain.histograms
    expect(Object.entries(byClass.counts).map(([name, counts]) => [name, total(counts)])).toEqual([
      ['high', 10],
      ['low', 40],
      ['no class', 80],
    ])
    const { histograms, clusters } = await evaluate({ clusters: { method: 'kmeans', k: 3 } })
    expect(Object.values(histograms.cluster!.counts).map(total)).toEqual(clusters!.clusters.map(({ count }) => count))
    const unlabelled = await evaluate({ labels: undefined })
    expect(Object.keys(unlabelled.histograms.class.counts)).toEqual(['all'])
  })

  it('takes the label for the class where there is none', async () => {
    const text = readFileSync(labels, 'utf8').replaceAll(/,(low|high)$/gm, '')
    const { scores } = await evaluate({ labels: folder.write('plain.csv', text.replace(',class', '')) })
    expect([...new Set(scores.map(item => item.class))].sort()).toEqual(['anomalous', 'normal', null].sort())
  })

  it('estimates the anomalous share of folders side by side', async () => {
    const { fraction } = await evaluate({ fraction: 'folder' })
    expect(fraction!.map(({ group, normal, unlabelled }) => [group, normal, unlabelled])).toEqual([
      ['june', 40, 40],
      ['may', 40, 40],
    ])
    const [june, may] = fraction!
    expect(may.low <= 0.2 && 0.2 <= may.high).toBe(true)
    expect(june.low <= 0.5 && 0.5 <= june.high).toBe(true)
    expect(june.estimate).toBeGreaterThan(may.estimate)
  })

  it('estimates the share of classes that the label file names without a label', async () => {
    const rows = Array.from({ length: 40 }, (_, i) => `may/${i}.wav,,May\njune/${i}.wav,,June`)
    const file = folder.write('sets.csv', `${readFileSync(labels, 'utf8')}\n${rows.join('\n')}`)
    const { fraction, unlabelled } = await evaluate({ labels: file, fraction: 'class' })
    expect(fraction!.map(({ group }) => group)).toEqual(['June', 'May'])
    expect(unlabelled).toBe(80)
  })

  it('prints groups and shares', async () => {
    const text = formatEvaluation(await evaluate({ clusters: { method: 'kmeans', k: 2 }, fraction: 'all' }))
    expect(text).toMatch(/^clusters {11}2 by kmeans \(latents of 4 dimensions, seed 0\)$/m)
    expect(text).toMatch(
      /^with classes {7}purity [\d.]+, ARI -?[\d.]+, NMI [\d.]+ \(one cluster for all: purity 0.8000\)$/m,
    )
    expect(text).toMatch(/^ {2}low .* 40$/m)
    expect(text).toMatch(/^ {2}unlabelled {7}0\.\d+ \(0\.\d+ to 0\.\d+\) {2}of 80;/m)
  })

  it('writes a page that needs nothing else', async () => {
    const report = join(folder.path, 'pages', 'report.html')
    await evaluate({ clusters: { method: 'kmeans', k: 2 }, fraction: 'folder', report })
    const html = readFileSync(report, 'utf8')
    for (const title of ['Scores', 'Curves', 'Map of latents', 'Clusters', 'Anomalous share of unlabelled items'])
      expect(html).toContain(`<h2>${title}</h2>`)
    expect(html).toContain('june')
    expect(html).not.toMatch(/NaN|undefined|Infinity|<script src|https?:/)
  })

  it.each<[string, () => Partial<EvaluateOptions>, object]>([
    [
      'more clusters than items',
      () => ({ clusters: { method: 'kmeans', k: 131 } }),
      { code: 'AUSCULT_USAGE', at: '--k', message: '131 clusters cannot be found in 130 items' },
    ],
    ['a k that is none', () => ({ clusters: { method: 'gmm', k: 1.5 } }), { code: 'AUSCULT_CONFIG' }],
    [
      'a k for what finds it itself',
      () => ({ clusters: { method: 'denstream', k: 3 } }),
      { code: 'AUSCULT_USAGE', at: '--k' },
    ],
    [
      'a share without labels',
      () => ({ labels: undefined, fraction: 'all' }),
      { code: 'AUSCULT_USAGE', at: '--fraction' },
    ],
    [
      'a share where everything is labelled',
      () => ({ paths: [join(folder.path, 'test/known')], fraction: 'all' }),
      { code: 'AUSCULT_LABELS', message: expect.stringContaining('0 unlabelled items') },
    ],
    [
      'a share with few normal recordings',
      () => ({ labels: folder.write('few.csv', 'known/low0.wav,1\nknown/low1.wav,1\n'), fraction: 'all' }),
      { code: 'AUSCULT_LABELS', message: expect.stringContaining('2 normal items') },
    ],
    ['a rate of 1 for a share', () => ({ fraction: 'all', maxFpr: 1 }), { code: 'AUSCULT_USAGE' }],
    [
      'a page where none can be written',
      () => ({ report: join(labels, 'report.html') }),
      { code: 'AUSCULT_OUTPUT', at: expect.stringMatching(/labels\.csv.report\.html$/) },
    ],
    [
      'a folder in the place of a page',
      () => ({ report: folder.path }),
      { code: 'AUSCULT_OUTPUT', message: expect.stringContaining('it is a folder') },
    ],
    [
      'a word that is no label',
      () => ({ labels: folder.write('word.csv', 'file,label,class\nknown/low0.wav,squeal,low\n') }),
      { code: 'AUSCULT_LABELS', at: expect.stringMatching(/word\.csv:2$/) },
    ],
  ])('refuses %s, and says what to do', async (_, changes, expected) => {
    await expect(evaluate(changes())).rejects.toThrow(
      expect.objectContaining({ remedy: expect.any(String), ...expected }),
    )
  })

  it('refuses the map of a bundle without one before it scores anything', async () => {
    const { folder: _, map: __, ...parts } = await readBundle(bundle)
    const bare = join(folder.path, 'bare')
    await writeBundle(bare, { ...parts, report: '' })
    await expect(evaluate({ bundle: bare, clusters: { method: 'kmeans', space: 'map' } })).rejects.toThrow(
      expect.objectContaining({ code: 'AUSCULT_BUNDLE', at: bare, remedy: expect.stringContaining('pca2') }),
    )
    const report = join(folder.path, 'bare.html')
    await evaluate({ bundle: bare, report })
    expect(readFileSync(report, 'utf8')).toContain('first component')
  })
})
