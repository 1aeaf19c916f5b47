import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writeBundle } from '../../src/model/bundle.ts'
import { evaluateBundle } from '../../src/train/evaluate.ts'
import { formatEvaluation } from '../../src/train/format-evaluation.ts'
import { CLASSES, classifierParts } from '../helpers/classifier-bundle.ts'
import { workFolder } from './recordings.ts'

let folder: ReturnType<typeof workFolder>
let bundle: string

/** Windows of these levels; those of the classes are 0.1, 0.5 and 0.9. */
const wav = (name: string, ...levels: number[]) =>
  folder.wav(
    `test/${name}.wav`,
    Float32Array.from({ length: 100 * levels.length }, (_, i) => levels[Math.floor(i / 100)]),
  )

beforeAll(async () => {
  folder = workFolder('classes')
  bundle = join(folder.path, 'bundle')
  await writeBundle(bundle, classifierParts({ class_map: { silent: 'quiet', scrapped: null } }))
  wav('a', 0.1, 0.15, 0.1)
  wav('b', 0.45, 0.5, 0.5)
  // One window in three is like another class.
  wav('c', 0.9, 0.9, 0.52)
  wav('d', 0.5, 0.5, 0.5)
  wav('e', 0.9, 0.9, 0.9)
})
afterAll(() => folder.remove())

const evaluate = (labels: string | undefined, options: object = {}) =>
  evaluateBundle({
    bundle,
    paths: [join(folder.path, 'test')],
    labels: labels === undefined ? undefined : folder.write('labels.csv', labels),
    ...options,
  })

describe('evaluation of a model that tells classes apart', () => {
  it('takes the class of the largest mean probability, and compares it with the label file', async () => {
    const report = join(folder.path, 'report.html')
    const result = await evaluate('file,label,class\na.wav,,silent\nb.wav,,middle\nc.wav,,loud\nd.wav,,loud\n', {
      report,
    })
    expect(result.scores.map(({ predicted }) => predicted)).toEqual(['quiet', 'middle', 'loud', 'middle', 'loud'])
    const { probability } = result.scores[2]
    // Of three windows, two are surely loud and one is not.
    expect(probability).toBeGreaterThan(0.6)
    expect(probability).toBeLessThan(0.75)
    const { recognition } = result
    expect(recognition).toMatchObject({
      classes: CLASSES,
      called: { quiet: 1, middle: 2, loud: 2 },
      without_class: 1,
      unknown: {},
    })
    expect(recognition!.report).toMatchObject({
      accuracy: 0.75,
      classes: { loud: { precision: 1, recall: 0.5, support: 2 }, middle: { precision: 0.5, recall: 1, support: 1 } },
      confusion: {
        labels: CLASSES,
        counts: [
          [1, 0, 0],
          [0, 1, 0],
          [0, 1, 1],
        ],
      },
    })
    const text = formatEvaluation(result)
    expect(text).toContain('recognition        75.0 % of 4 items\n')
    expect(text).toMatch(/^ {2}loud {13}1\.0000 {4}0\.5000 {4}0\.6667 {4}2$/m)
    expect(text).toMatch(
      /^ {2}is \\ was called +quiet middle +loud\n {2}quiet +1 +0 +0\n {2}middle +0 +1 +0\n {2}loud +0 +1 +1$/m,
    )
    expect(text).toContain('  not judged, without a class in the label file: 1')
    const html = readFileSync(report, 'utf8')
    expect(html).toContain('<h2>Recognition of classes</h2>')
    expect(html).toContain('title="loud called middle: 1 of 2"')
    expect(html).toContain('75.0 % of items')
  })

  it('judges each window by its recording', async () => {
    const { recognition, scores } = await evaluate('file,label,class\nc.wav,,loud\n', { per: 'window' })
    expect(scores).toHaveLength(15)
    expect(recognition!.report!.confusion).toEqual({
      labels: ['middle', 'loud'],
      counts: [
        [0, 0],
        [1, 2],
      ],
    })
    expect(recognition!.without_class).toBe(12)
  })

  it('counts and lists classes that the model does not know', async () => {
    const result = await evaluate(
      'file,label,class\na.wav,1,quiet\nb.wav,1,hum\nc.wav,-1,hum\nd.wav,-1,scrapped\ne.wav,,loud\n',
    )
    expect(result.recognition).toMatchObject({ unknown: { hum: 2, scrapped: 1 }, report: { accuracy: 1 } })
    expect(result.roc_auc).not.toBeNull()
    expect(formatEvaluation(result)).toContain('not judged, of classes that the model does not know: hum 2, scrapped 1')
  })

  it('takes the machine where the class is none of its own', async () => {
    const { recognition } = await evaluate('file,label,class,machine\na.wav,1,,quiet\nb.wav,-1,squeal,middle\n')
    expect(recognition).toMatchObject({ report: { accuracy: 1 }, unknown: {}, without_class: 3 })
  })

  it('says what is missing where the label file has no classes, or there is none', async () => {
    for (const labels of ['file,label\na.wav,1\nc.wav,-1\n', undefined]) {
      const result = await evaluate(labels)
      expect(result.recognition).toMatchObject({ report: null, without_class: 5, called: { quiet: 1 } })
      const text = formatEvaluation(result)
      expect(text).toContain('recognition        called middle 2, loud 2, quiet 1\n')
      expect(text).toContain(
        'to be judged, give --labels a column class with the classes of the model: quiet, middle, loud',
      )
    }
  })

  it('sets bundles side by side', async () => {
    const other = join(folder.path, 'other')
    await writeBundle(other, classifierParts({ name: 'deaf' }, [0.1, 5, 6]))
    const result = await evaluate('file,label,class\na.wav,,quiet\nb.wav,,middle\ne.wav,,loud\n', { compare: [other] })
    expect(result.recognition!.report!.accuracy).toBe(1)
    expect(result.compared[0].recognition!.report!.accuracy).toBeCloseTo(1 / 3)
    expect(formatEvaluation(result)).toMatch(/recognition {8}deaf \(.*other\): 33\.3 % of 3 items/)
  })

  it('says what each flagged recording was called', async () => {
    const report = join(folder.path, 'flagged.html')
    const result = await evaluate(undefined, { threshold: { policy: 'value', value: 1e-9 }, report })
    expect(result.flagged).toHaveLength(5)
    expect(formatEvaluation(result)).toMatch(/-1 .*a\.wav {2}called quiet/)
    expect(readFileSync(report, 'utf8')).toContain('<th>Called</th>')
  })
})
