import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readBundle } from '../../../src/model/bundle.ts'
import { runSweep } from '../../../src/train/sweep/sweep.ts'
import { hum, workFolder } from '../recordings.ts'

let folder: ReturnType<typeof workFolder>
beforeAll(() => {
  folder = workFolder('sweep')
  for (let i = 0; i < 8; i++) folder.wav(`normal/${i}.wav`, hum(2000, i))
  folder.wav('test/quiet.wav', hum(2000, 20))
  folder.wav('test/shrill.wav', hum(2000, 21, 1.3))
  folder.write('labels.csv', 'file,label\ntest/quiet.wav,1\ntest/shrill.wav,-1\n')
})
afterAll(() => folder.remove())

const raw = (name: string, parameters: object, sweep: object = {}, training: object = {}) => ({
  name,
  output: join(folder.path, name),
  input: { paths: [join(folder.path, 'normal')] },
  front_end: { type: 'raw', sample_rate: 1000, window_samples: 100 },
  architecture: { type: 'dense-ae', hidden: [16], latent: 2 },
  training: { epochs: 2, batch_size: 16, learning_rate: 0.01, ...training },
  sweep: { parallel: 2, parameters, ...sweep },
})
const failure = (run: Promise<unknown>) =>
  run.then(
    () => undefined,
    (error: unknown) => error as { code: string },
  )
const madeAt = (path: string) => statSync(join(path, 'manifest.json')).mtimeMs

describe('runSweep', () => {
  it('trains every member in a process of its own, goes on after one that fails, and sorts them by ROC-AUC', async () => {
    // The layers of the last do not fit, which only its own check says.
    const architecture = [
      { type: 'dense-ae', hidden: [16], latent: 2 },
      { type: 'conv1d-ae', decoder: [16] },
    ]
    const lines: string[] = []
    const progress = { update() {}, plain() {}, close() {}, line: (text: string) => void lines.push(text) }
    const labels = join(folder.path, 'labels.csv')
    const config = raw('labelled', { architecture }, { labels }, { epochs: 20 })
    const result = await runSweep(config, { progress })
    expect(result).toMatchObject({ done: 1, failed: 1, missing: 0, sorted_by: 'roc_auc' })
    const [best, broken] = result.members
    expect(best).toMatchObject({ state: 'done', roc_auc: 1, epochs: 20, ended: 'epochs' })
    expect((await readBundle(result.best!)).manifest.name).toBe('labelled')
    expect(broken).toMatchObject({ state: 'failed', code: 'AUSCULT_SHAPE', message: expect.stringContaining('shape') })
    expect(readFileSync((broken as { log: string }).log, 'utf8')).toContain('AUSCULT_SHAPE')
    expect(lines).toHaveLength(2)
    expect(JSON.parse(readFileSync(join(result.folder, 'sweep.json'), 'utf8')).members).toEqual(result.members)
    expect(readFileSync(join(result.folder, 'report.html'), 'utf8')).toContain('failed: ')

    // Failed members are tried again, the others stay.
    const before = madeAt(result.best!)
    const again = await runSweep(config, { resume: true })
    expect(again.members.map(({ id }) => id)).toEqual(result.members.map(({ id }) => id))
    expect(madeAt(result.best!)).toBe(before)
  })

  it('leaves what is missing when interrupted, and trains it when resumed', async () => {
    const abort = new AbortController()
    const progress = { update() {}, plain() {}, close() {}, line: () => abort.abort() }
    const config = raw('interrupted', { seed: [0, 1] }, { parallel: 1 })
    const first = await runSweep(config, { signal: abort.signal, progress })
    expect(first).toMatchObject({ done: 1, missing: 1 })
    const before = madeAt(first.best!)
    const second = await runSweep({ ...config, sweep: { ...config.sweep, parallel: 2 } }, { resume: true })
    expect(second).toMatchObject({ done: 2, missing: 0 })
    expect(madeAt(first.best!)).toBe(before)
    expect(second.seconds).toBeGreaterThan(first.seconds)
    // Begun anew, nothing is left of before.
    const anew = await runSweep(raw('interrupted', { seed: [5] }), {})
    expect(anew.members).toHaveLength(1)
    expect(existsSync(join(anew.folder, '002.checkpoint'))).toBe(false)
    expect(madeAt(anew.best!)).not.toBe(before)
  })

  it('goes on with a member that was cut short from its last epoch', async () => {
    const config = raw('cut', { seed: [0] }, {}, { epochs: 300, early_stopping: { patience: 0 } })
    const abort = new AbortController()
    const checkpoint = join(folder.path, 'cut-sweep', '001.checkpoint')
    const watch = setInterval(() => existsSync(checkpoint) && abort.abort(), 2)
    const first = await runSweep(config, { signal: abort.signal }).finally(() => clearInterval(watch))
    expect(first).toMatchObject({ done: 0, missing: 1 })
    const second = await runSweep(config, { resume: true })
    expect(second.members[0]).toMatchObject({ state: 'done', epochs: 300 })
    const log = readFileSync(join(second.folder, '001.log'), 'utf8')
    expect(log.match(/^epoch 1\/300 /gm)).toHaveLength(1)
  })

  it('refuses to resume another sweep, or none', async () => {
    expect(await failure(runSweep(raw('none', { seed: [0] }), { resume: true }))).toMatchObject({
      code: 'AUSCULT_INPUT_MISSING',
    })
    const aborted = { signal: AbortSignal.abort() }
    const result = await runSweep(raw('other', { seed: [0] }), aborted)
    expect(result).toMatchObject({ missing: 1, best: null })
    expect(await failure(runSweep(raw('other', { seed: [1] }), { resume: true }))).toMatchObject({
      code: 'AUSCULT_CONFIG',
    })
  })

  it('finds labels of absent recordings, and a folder that is no sweep, before anything is trained', async () => {
    const labels = folder.write('wrong.csv', 'file,label\nabsent.wav,1\n')
    expect(await failure(runSweep(raw('wrong', { seed: [0] }, { labels })))).toMatchObject({ code: 'AUSCULT_LABELS' })
    folder.write('mine-sweep/letter.txt', 'dear')
    expect(await failure(runSweep(raw('mine', { seed: [0] })))).toMatchObject({ code: 'AUSCULT_CONFIG' })
  })
})
