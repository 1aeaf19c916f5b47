import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readBundle } from '../../src/model/bundle.ts'
import { describeDetector } from '../../src/model/detectors/describe.ts'
import { evaluateBundle } from '../../src/train/evaluate.ts'
import { formatEvaluation } from '../../src/train/format-evaluation.ts'
import { trainOnHums } from './hum-bundle.ts'
import { hum, workFolder } from './recordings.ts'

let folder: ReturnType<typeof workFolder>
let bundle: string

beforeAll(async () => {
  folder = workFolder('detector-report')
  for (let i = 0; i < 10; i++) folder.wav(`normal/${i}.wav`, hum(2000, i))
  folder.wav('test/0.wav', hum(800, 20))
  const score = { type: 'pca-kde', on: 'features', components: 3 }
  bundle = await trainOnHums(folder.path, 'bundle', score, { epochs: 1, map: { method: 'none' } })
})
afterAll(() => folder.remove())

describe('what reports say of a detector', () => {
  it('is what it is, what it looks at, its options and what it was fitted to', async () => {
    const { detector } = await readBundle(bundle)
    const words = describeDetector(detector!)
    expect(words).toMatchObject({
      type: 'pca-kde (kernel density on principal components)',
      on: 'features (mean-deviation), 32 values, 3 principal components',
      options: 'components 3, whiten true, bandwidth scott',
      kept: expect.stringMatching(/^\d+ windows, bandwidth 0\.\d+$/),
    })
    expect(words.windows).toBe(Number.parseInt(words.kept, 10))
    const html = readFileSync(join(bundle, 'report.html'), 'utf8')
    expect(html).toContain(`<dt>Score</dt><dd>${words.type}</dd>`)
    expect(html).toContain(`<dt>Looks at</dt><dd>${words.on}</dd>`)
    expect(html).toContain(`<dt>Options</dt><dd>${words.options}</dd>`)
    expect(html).toContain(`<dt>Fitted to</dt><dd>${words.windows} training windows</dd>`)
  })

  it('stands in the evaluation too', async () => {
    const report = join(folder.path, 'evaluation.html')
    const result = await evaluateBundle({ bundle, paths: [join(folder.path, 'test')], report })
    expect(result.detector).toEqual(describeDetector((await readBundle(bundle)).detector!))
    expect(formatEvaluation(result)).toMatch(/^score {14}pca-kde \(.*\) on features \(mean-deviation\), 32 values/m)
    expect(readFileSync(report, 'utf8')).toContain('<dt>Looks at</dt><dd>features (mean-deviation), 32 values')
  })
})
