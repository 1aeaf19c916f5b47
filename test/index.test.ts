import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import * as auscult from '../src/index.ts'
import { encodeWav } from '../src/ingest/wav-encode.ts'
import { CLI } from './helpers/build.ts'
import { PROJECT } from './helpers/requires.ts'
import { temporaryFolder } from './helpers/temporary.ts'
import { hum } from './train/recordings.ts'

const { folder, write } = temporaryFolder()
const bundle = join(folder, 'models/pump')

beforeAll(async () => {
  for (let i = 0; i < 8; i++) write(`recordings/${i}.wav`, encodeWav(hum(16_000, i), 8000, 'float32'))
  write('labels.csv', 'recordings/0.wav,1\nrecordings/1.wav,-1\n')
  const options = {
    output: bundle,
    input: { paths: [join(folder, 'recordings')] },
    front_end: { type: 'raw', sample_rate: 8000, window_samples: 400 },
    architecture: { type: 'dense-ae', hidden: [8], latent: 2 },
    training: { epochs: 1, batch_size: 16 },
  }
  await auscult.runTraining(auscult.trainConfigSchema.parse(options), { checkpoint: false })
})

describe('the package', () => {
  it('exports what embed.md lists, and nothing else', () => {
    const page = readFileSync(join(PROJECT, 'docs/embed.md'), 'utf8')
    const rows = page.split('\n').filter(line => line.startsWith('| `'))
    const listed = rows.flatMap(row => [...row.split('|')[1].matchAll(/`(\w+)`/g)].map(match => match[1]))
    expect(Object.keys(auscult).sort()).toEqual([...listed, 'VERSION'].sort())
  })

  it('scores what is pushed into a memory source', async () => {
    const { createDaemon, daemonConfigSchema, MemorySource, silentLogger } = auscult
    const threshold = { policy: 'value', value: 1e-9 }
    const config = daemonConfigSchema.parse({ bundle, sources: {}, http: { port: 0 }, detector: { threshold } })
    const made: auscult.MemorySource[] = []
    const daemon: auscult.Daemon = createDaemon(config, {
      logger: silentLogger,
      feeds: (spec: auscult.WindowSpec) => {
        made.push(new MemorySource('pump', spec, { start: 1_000_000 }))
        return made
      },
    })
    const scores: auscult.Score[] = []
    const episodes: auscult.EpisodeEvent[] = []
    daemon.on('score', score => scores.push(score)).on('episode', event => episodes.push(event))
    await daemon.start()
    for (let i = 0; i < 10; i++) made[0].push(hum(120, i))
    made[0].end()
    await daemon.finished
    await daemon.stop()
    expect(scores.map(({ offset, time }) => [offset, time])).toEqual(
      [0, 200, 400, 600, 800].map(offset => [offset, 1_000_000 + offset / 8]),
    )
    expect(scores.every(({ score, anomalous }) => score > 0 && anomalous)).toBe(true)
    expect(episodes.map(({ type }) => type)).toContain('episode.closed')
  })
})

describe('docs/embed.md', () => {
  const page = readFileSync(join(PROJECT, 'docs/embed.md'), 'utf8')
  const [daemon, training, scoring] = [...page.matchAll(/^```js embed\n([\s\S]*?)^```$/gm)].map(match => match[1])
  const run = (name: string, code: string) => {
    const entry = pathToFileURL(join(dirname(CLI), 'index.js')).href
    const file = write(name, code.replace("from 'auscult'", `from '${entry}'`))
    const { stdout, stderr } = spawnSync(process.execPath, [file], { cwd: folder, encoding: 'utf8' })
    return { stdout, stderr }
  }

  it('shows a daemon in some 15 lines that hears what it is given', () => {
    expect(daemon.trim().split('\n').length).toBeLessThanOrEqual(16)
    const { stdout, stderr } = run('daemon.mjs', daemon)
    expect(stderr).toBe('')
    expect(stdout).toMatch(/^(normal|anomalous) [\d.]+$/m)
  })

  it('shows how a bundle is scored', () => {
    const { stdout, stderr } = run('scoring.mjs', scoring)
    expect({ stderr, numbers: stdout.trim().split(' ').map(Number) }).toEqual({
      stderr: '',
      numbers: [expect.any(Number), expect.any(Number), 2],
    })
  })

  it('shows training and evaluation', () => {
    const small = "training: { epochs: 1 }, architecture: { type: 'dense-ae', hidden: [8], latent: 2 }"
    const { stdout, stderr } = run('training.mjs', training.replace("['recordings'] }", `['recordings'] }, ${small}`))
    expect({ stderr, numbers: stdout.trim().split(' ').map(Number) }).toEqual({
      stderr: '',
      numbers: [expect.any(Number), expect.any(Number), expect.any(Number)],
    })
  })
})
