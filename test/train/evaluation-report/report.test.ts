import { type Browser, chromium as launcher } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { seeded } from '../../../src/random.ts'
import { classificationReport } from '../../../src/train/classification.ts'
import { type ComparedBundle, differencesOf } from '../../../src/train/evaluation/compare.ts'
import type { Evaluation, Scored } from '../../../src/train/evaluation/evaluation.ts'
import { figuresOf } from '../../../src/train/evaluation/figures.ts'
import { scoreHistograms } from '../../../src/train/evaluation/histogram.ts'
import type { Recognition } from '../../../src/train/evaluation/recognition.ts'
import { groupsOf } from '../../../src/train/evaluation-report/groups.ts'
import { type EvaluationReport, renderEvaluation } from '../../../src/train/evaluation-report/report.ts'
import { rocChart } from '../../../src/train/evaluation-report/roc.ts'
import { scatter } from '../../../src/train/evaluation-report/scatter.ts'
import { estimateFraction } from '../../../src/train/fraction.ts'
import { operatingCurve } from '../../../src/train/metrics.ts'
import { chromium } from '../../helpers/requires.ts'

/** So many classes with long names, of which some are taken for their neighbours. */
function recognised(n: number): Recognition {
  const classes = Array.from({ length: n }, (_, i) => `${i} <b>worn</b> bearing of the drive side`)
  const truth = classes.flatMap((name, i) => Array<string>(i + 2).fill(name))
  const predicted = truth.map((name, i) => (i % 4 === 1 ? classes[(classes.indexOf(name) + 1) % n] : name))
  const report = classificationReport(truth, predicted, classes)
  return { classes, report, called: {}, without_class: 3, unknown: { 'a <b>worn</b> word': 2 } }
}

/** 150 recordings with long names, of three classes with markup in their names. */
function report(): EvaluationReport {
  const random = seeded(1)
  const scores = Array.from({ length: 150 }, (_, i): Scored => {
    const kind = i % 3
    const score = 1 + kind * 2 + Math.abs(random.normal())
    return {
      file: `/data/recordings/of-the-second-hall/${'long-'.repeat(8)}${i}.wav`,
      at: null,
      score,
      label: score > 4 ? -1 : 1,
      truth: i % 10 === 0 ? null : kind === 2 ? -1 : 1,
      class: i % 10 === 0 ? null : ['normal', 'bearing <b>worn</b>', 'belt & pulley that squeals'][kind],
      machine: `pump ${i % 4}`,
      cluster: kind + 1,
      predicted: null,
      probability: null,
    }
  })
  const values = scores.map(({ score }) => score)
  const fraction = estimateFraction({ normal: values.slice(0, 50), unlabelled: values.slice(50), replicates: 200 })
  const classes = { 'bearing <b>worn</b>': 45, normal: 5 }
  const agreement = {
    purity: 0.9,
    adjusted_rand_index: 0.8,
    normalized_mutual_information: 0.7,
    largest_class: 0.4,
    items: 135,
  }
  const judged = scores.map(item => ({ ...item, score: item.score / 2 + Math.abs(random.normal()) }))
  const other: ComparedBundle = {
    bundle: 'models/other',
    name: 'other <b>worn</b>',
    threshold: { value: 4, policy: { policy: 'percentile', value: 99.5 } },
    detector: null,
    recognition: null,
    recordings: 150,
    windows: 600,
    ...figuresOf(judged, 4, { maxFpr: 0.1, seed: 0 }),
    histogram: scoreHistograms(
      values,
      scores.map(item => item.class ?? 'no class'),
    ),
    difference: differencesOf(scores, [judged], { maxFpr: 0.1, seed: 0 })[0],
  }
  const evaluation: Evaluation = {
    bundle: 'models/pump',
    name: 'pump <1>',
    per: 'file',
    unit: 'second',
    aggregate: 'mean',
    threshold: { value: 4, policy: { policy: 'percentile', value: 99.5 } },
    detector: null,
    recognition: null,
    recordings: 150,
    windows: 600,
    ...figuresOf(scores, 4, { maxFpr: 0.1, seed: 0 }),
    compared: [other],
    clusters: {
      method: 'kmeans',
      k: 3,
      space: 'latent',
      dimensions: 8,
      seed: 0,
      clusters: [1, 2, 3].map(id => ({ id, count: 50, mean_score: id, classes })),
      classes: agreement,
      decisions: null,
    },
    histograms: {
      class: scoreHistograms(
        values,
        scores.map(item => item.class ?? 'no class'),
      ),
      cluster: scoreHistograms(
        values,
        scores.map(({ cluster }) => cluster),
      ),
    },
    fraction: [
      { group: 'a set with a long name, of May', ...fraction },
      { group: null, ...fraction },
    ],
    flagged: scores.filter(({ label }) => label === -1),
    scores,
    left_out: [{ path: '/data/short.wav', reason: '0.1 s long' }],
    precisions: null,
    passed_over: {},
  }
  const x = scores.map(({ cluster }) => 100 * cluster! + random.normal())
  const map = { name: 'The map.', axes: ['first', 'second'] as const, x, y: x.map(random.normal), shown: [...x.keys()] }
  const places = Float32Array.from(x.flatMap(value => [value, random.normal(), random.normal()]))
  const waves = { original: Float32Array.of(0, 1, 0), reconstruction: Float32Array.of(0, 0.5, 0) }
  const axis = { label: 's', ticks: [] }
  const gallery = {
    view: { kind: 'wave', unit: '', x: axis } as const,
    groups: [{ name: 'bearing <b>worn</b>', examples: [{ title: 'a <b>worn</b> one', score: 3, ...waves }] }],
  }
  return {
    evaluation,
    created: '2026-11-21 22:00:00 UTC',
    maps: [map, map],
    spatial: { places, shown: [...x.keys()] },
    gallery,
  }
}

describe('an evaluation report', () => {
  it('is one file that fetches nothing, in which names are text', () => {
    const html = renderEvaluation(report())
    expect(html).not.toMatch(/NaN|undefined|Infinity|<script src|<link|https?:|import[ (]|<b>worn/)
    expect(html).toContain('bearing &#60;b&#62;worn')
    expect(html).toContain('<h2>Files left out (1)</h2>')
  })

  it('leaves out what there is nothing of', () => {
    const { evaluation, ...rest } = report()
    const unlabelled = evaluation.scores.map(item => ({ ...item, truth: null, machine: null, class: null }))
    const unknown = figuresOf(unlabelled, 4, { maxFpr: 0.1, seed: 0 })
    const plain = { ...evaluation, ...unknown, compared: [], clusters: null, fraction: null, flagged: [], left_out: [] }
    const html = renderEvaluation({
      ...rest,
      maps: [],
      spatial: null,
      gallery: { ...rest.gallery, groups: [] },
      evaluation: { ...plain, histograms: { ...evaluation.histograms, cluster: null } },
    })
    expect(html).not.toContain('<script')
    const absent = [
      'Curves',
      'Machines',
      'At the',
      'Bundles',
      'Map',
      'Latents',
      'Reconstr',
      'Clusters',
      'Anomalous',
      'Files',
    ]
    for (const title of absent) expect(html).not.toContain(`<h2>${title}`)
    expect(html).toContain('Nothing scores above the threshold.')
  })
})

const executablePath = chromium()

describe.skipIf(!executablePath)('an evaluation report in a browser', () => {
  let browser: Browser

  beforeAll(async () => {
    browser = await launcher.launch({ executablePath, args: ['--no-sandbox'] })
  })
  afterAll(() => browser?.close())

  it.each([2, 12, 60])('shows what %i classes were taken for, on a phone too', async n => {
    const { evaluation, ...rest } = report()
    const html = renderEvaluation({ ...rest, evaluation: { ...evaluation, recognition: recognised(n) } })
    expect(html).not.toMatch(/NaN|undefined|Infinity|<b>worn/)
    const page = await browser.newPage({ viewport: { width: 360, height: 800 } })
    await page.setContent(html)
    expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360)
    const cells = page.locator('section:has(h2:text("Recognition")) .confusion tbody td')
    expect(await cells.count()).toBe(n * n)
    // Of the two of the first class, one was called the second.
    expect((await cells.allTextContents()).slice(0, 2)).toEqual(['150 %', '150 %'])
    const colours = await page.evaluate<string[]>(
      `[...document.querySelectorAll('.confusion')].at(-1).querySelectorAll('tbody td').values().take(3).map(each => getComputedStyle(each).backgroundColor).toArray()`,
    )
    expect(new Set(colours).size).toBe(3)
    await page.close()
  })

  it.each([360, 1200])('fits %i px, with plots that are seen', async width => {
    const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme: 'dark' })
    await page.setContent(renderEvaluation(report()))
    expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width)
    const boxes = await Promise.all((await page.locator('.area').all()).map(area => area.boundingBox()))
    expect(boxes).toHaveLength(4 + 3 + 4 + 2 + 4 + 3)
    for (const box of boxes) {
      expect(box!.width).toBeGreaterThan(150)
      expect(box!.height).toBeGreaterThan(40)
    }
    await page.close()
  })
})

describe.skipIf(!executablePath)('the map in three dimensions', () => {
  it('turns by dragging and by keys, and hides classes', async () => {
    const browser = await launcher.launch({ executablePath, args: ['--no-sandbox'] })
    try {
      const page = await browser.newPage({ viewport: { width: 800, height: 800 } })
      const problems: unknown[] = []
      page.on('pageerror', error => problems.push(error))
      await page.setContent(renderEvaluation(report()))
      const canvas = page.locator('.turntable canvas')
      await canvas.scrollIntoViewIfNeeded()
      const picture = async () => (await canvas.screenshot()).toString('base64')
      const pictures = new Set<string>()
      const isNew = () => expect.poll(async () => pictures.size !== pictures.add(await picture()).size).toBe(true)
      await isNew()
      const box = (await canvas.boundingBox())!
      const [x, y] = [box.x + box.width / 2, box.y + box.height / 2]
      await page.mouse.move(x, y)
      await page.mouse.down()
      await page.mouse.move(x + 90, y + 30, { steps: 5 })
      await page.mouse.up()
      await isNew()
      await canvas.press('ArrowLeft')
      await isNew()
      await canvas.press('+')
      await isNew()
      const key = page.locator('.keys button').first()
      await key.click()
      expect(await key.getAttribute('aria-pressed')).toBe('false')
      await isNew()
      expect(problems).toEqual([])
    } finally {
      await browser.close()
    }
  })
})

describe('groupsOf', () => {
  it('gives each a colour: normal first, numbers by size, the unknown grey', () => {
    expect(groupsOf(['10', 'no class', '9', 'normal', '9'])).toEqual([
      { name: 'normal', className: 'g1' },
      { name: '9', className: 'g2' },
      { name: '10', className: 'g3' },
      { name: 'no class', className: 'g0' },
    ])
    expect(groupsOf(['all'])).toEqual([{ name: 'all', className: 'g1' }])
    const many = groupsOf(Array.from({ length: 12 }, (_, i) => `${i}`))
    expect(many.map(({ className }) => className).slice(-3)).toEqual(['g10', 'g0', 'g0'])
  })
})

describe('plots', () => {
  it('draw each point once, on axes of one unit', () => {
    const map = { axes: ['x', 'y'] as const, x: [0, 10, 5], y: [0, 0, 1] }
    const html = scatter(map, ['a', 'b', 'a'], groupsOf(['a', 'b']), 'class')
    const points = Object.fromEntries(
      [...html.matchAll(/<path class="points (g\d)" d="([^"]*)"/g)].map(([, group, d]) => [group, d]),
    )
    expect(points).toEqual({ g1: 'M28 547h0M500 453h0', g2: 'M972 547h0' })
    const alone = scatter({ axes: ['x', 'y'], x: [3], y: [3] }, ['a'], groupsOf(['a']), 'class')
    expect(alone).not.toMatch(/NaN|Infinity/)
  })

  it('draw the corners of an ROC curve only', () => {
    const truth = Array.from({ length: 200 }, (_, i) => i < 100)
    const curve = operatingCurve(
      truth,
      truth.map((_, i) => -i),
    )
    expect(curve.fpr).toHaveLength(201)
    expect(rocChart([{ name: '', className: 'g1', curve }], 0.1)).toContain('points="0.0,1000.0 0.0,0.0 1000.0,0.0"')
  })
})
