import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkConfig } from '../src/config.ts'
import { createDaemon, type Daemon, daemonConfigSchema } from '../src/daemon.ts'
import { MemorySource } from '../src/ingest/memory.ts'
import { silentLogger } from '../src/logger.ts'
import { readBundle } from '../src/model/bundle.ts'
import { until } from './helpers/until.ts'
import { trainOnHums } from './train/hum-bundle.ts'
import { hum, workFolder } from './train/recordings.ts'

/** Samples of a window. */
const WINDOW = 400

let folder: ReturnType<typeof workFolder>
let bundle: string
const daemons: Daemon[] = []

beforeAll(async () => {
  folder = workFolder('daemon-detector')
  for (let i = 0; i < 10; i++) folder.wav(`normal/${i}.wav`, hum(2000, i))
  bundle = await trainOnHums(
    folder.path,
    'bundle',
    { type: 'knn', on: 'features' },
    { epochs: 1, map: { method: 'none' } },
  )
})
afterAll(async () => {
  await Promise.all(daemons.map(daemon => daemon.stop()))
  folder.remove()
})

function make(config: object = {}) {
  const raw = {
    ...{ bundle, sources: {}, http: { port: 0 }, store: { path: join(folder.path, `${daemons.length}.db`) } },
    window: { overlap: 0 },
    ...config,
  }
  let mic: MemorySource | undefined
  const daemon = createDaemon(checkConfig(raw, daemonConfigSchema, 'test'), {
    logger: silentLogger,
    feeds: spec => {
      mic = new MemorySource('mic', spec)
      return [mic]
    },
  })
  daemons.push(daemon)
  return { daemon, mic: () => mic! }
}

describe('a daemon on a bundle with a detector', () => {
  it('flags windows that are unlike those of training, by the distance to them', async () => {
    // Few windows calibrated it: its largest normal distance is not the largest there is.
    const threshold = 1.5 * (await readBundle(bundle)).calibration.quantiles[1000]
    const { daemon, mic } = make({ detector: { threshold: { policy: 'value', value: threshold } } })
    await daemon.start()
    for (let i = 0; i < 3; i++) mic().push(hum(WINDOW, 60 + i))
    for (let i = 0; i < 3; i++) mic().push(hum(WINDOW, 70 + i, 0.6))
    mic().push(hum(WINDOW, 80))
    const scores = async () => {
      const body = (await (await fetch(`${daemon.address}/v1/sources/mic/scores`)).json()) as {
        scores: { score: number; anomalous: boolean; threshold: number }[]
      }
      return body.scores
    }
    await until(async () => (await scores()).length === 7)
    const found = await scores()
    expect(found.map(({ anomalous }) => anomalous)).toEqual([false, false, false, true, true, true, false])
    expect(found[0].threshold).toBe(threshold)
    for (const { score } of found.slice(3, 6)) expect(score).toBeGreaterThan(1.5 * threshold)
  })

  it('does not start where the detector is not one, and says which file', async () => {
    const damaged = await trainOnHums(folder.path, 'damaged', { type: 'knn' }, { epochs: 1, map: { method: 'none' } })
    const [file, manifestFile] = ['detector.json', 'manifest.json'].map(name => join(damaged, name))
    const write = (change: (detector: { model: { k: number; rows: { dimensions: number } } }) => void) => {
      const detector = JSON.parse(readFileSync(file, 'utf8'))
      change(detector)
      const text = JSON.stringify(detector)
      writeFileSync(file, text)
      const manifest = JSON.parse(readFileSync(manifestFile, 'utf8'))
      manifest.files['detector.json'] = createHash('sha256').update(text).digest('hex')
      writeFileSync(manifestFile, JSON.stringify(manifest))
    }
    write(({ model }) => {
      model.rows.dimensions = 5
    })
    await expect(make({ bundle: damaged }).daemon.start()).rejects.toMatchObject({
      code: 'AUSCULT_BUNDLE',
      message: expect.stringContaining('the detector is not valid: it is of 5 values, and 4 are left of a window'),
      at: 'detector.json',
      remedy: expect.stringContaining('train again'),
    })
    write(({ model }) => {
      model.k = -1
    })
    await expect(make({ bundle: damaged }).daemon.start()).rejects.toMatchObject({
      code: 'AUSCULT_BUNDLE',
      message: expect.stringContaining('model.k'),
      at: expect.stringContaining('detector.json'),
    })
  })
})
