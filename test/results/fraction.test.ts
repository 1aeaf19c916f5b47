import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { prepareMixes, prepareTimepix } from '../../docs/examples/prepare.ts'
import { readBundle } from '../../src/model/bundle.ts'
import { resolveThreshold } from '../../src/model/threshold.ts'
import { seeded } from '../../src/random.ts'
import { estimateFraction } from '../../src/train/fraction.ts'
import { sharedData } from '../helpers/requires.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { evaluateExample, trainExample } from './example.ts'

const data = sharedData()
const FRACTIONS = [0.2, 0.45, 0.55]

describe.skipIf(!data)('the fraction of Timepix frames behind aluminium', () => {
  const { folder } = temporaryFolder()
  const scores = new Map<string, number[]>()
  let bundle: string
  let threshold: number

  /** Half of the frames without aluminium measure the false positive rate, the others are mixed with frames behind aluminium. */
  function estimate(thickness: string, f: number, seed: number) {
    const random = seeded(seed)
    const bare = random.shuffle([...scores.get('0-00')!])
    const [normal, rest] = [bare.slice(0, 120), bare.slice(120)]
    const anomalous = Math.round((f / (1 - f)) * rest.length)
    const unlabelled = [...rest, ...random.shuffle([...scores.get(thickness)!]).slice(0, anomalous)]
    const truth = anomalous / unlabelled.length
    return { truth, ...estimateFraction({ normal, unlabelled, threshold, replicates: 1000 }) }
  }

  beforeAll(async () => {
    prepareTimepix({ data: data!, out: folder, seed: 0 })
    bundle = await trainExample('timepix', folder, 25)
    threshold = resolveThreshold((await readBundle(bundle)).calibration, { policy: 'percentile', value: 95 })
    for (const thickness of ['0-36', '1-01']) {
      const evaluation = await evaluateExample(bundle, join(folder, `timepix/labels-${thickness}.csv`))
      const of = (truth: number) => evaluation.scores.filter(item => item.truth === truth).map(({ score }) => score)
      scores.set(thickness, of(-1))
      scores.set('0-00', of(1))
    }
  }, 180_000)

  it('has the frames', () => {
    expect(readdirSync(join(data!, 'frames/timepix'))).toContain('0-36_mm')
    expect([...scores].map(([name, { length }]) => [name, length])).toEqual([
      ['0-36', 600],
      ['0-00', 240],
      ['1-01', 600],
    ])
  })

  it.each(['0-36', '1-01'])('%s mm: intervals cover it, and more is more', thickness => {
    for (let seed = 0; seed < 20; seed++) {
      const estimates = FRACTIONS.map(f => estimate(thickness, f, seed))
      for (const [i, { truth, low, high, fpr, mixture, estimate }] of estimates.entries()) {
        expect(fpr).toBeLessThanOrEqual(0.1)
        expect([low <= truth, truth <= high], `${truth} in ${low}…${high}`).toEqual([true, true])
        expect(high).toBeGreaterThan(low)
        expect([mixture.low <= truth, truth <= mixture.high], `${truth} in ${mixture.low}…${mixture.high}`).toEqual([
          true,
          true,
        ])
        if (i > 0) expect(estimate).toBeGreaterThan(estimates[i - 1].estimate)
      }
    }
  })

  it.each([0, 1, 2].flatMap(draw => ['0-36', '1-01'].map(thickness => [thickness, draw] as const)))(
    '%s mm: three folders in one call, draw %i',
    async (thickness, draw) => {
      const truth = prepareMixes({ data: data!, out: folder, seed: 0 }, draw)
      const paths = [join(folder, 'timepix-mixes', 'normal'), join(folder, 'timepix-mixes', thickness)]
      const labels = join(folder, 'timepix-mixes', 'labels.csv')
      const { fraction } = await evaluateExample(bundle, labels, { paths, fraction: 'folder' })
      expect(fraction!.map(({ group }) => group)).toEqual([20, 45, 55].map(percent => `${thickness}-${percent}`))
      for (const { group, low, high, fpr, normal } of fraction!) {
        const f = truth[group!]
        expect([fpr <= 0.1, normal]).toEqual([true, 120])
        expect([low <= f, f <= high], `${group}: ${f} in ${low}…${high}`).toEqual([true, true])
      }
      const [low, middle, high] = fraction!.map(({ estimate }) => estimate)
      expect(low < middle && middle < high).toBe(true)
    },
  )
})
