import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { encodeNpy } from '../../../src/ingest/npy-encode.ts'
import { readBundle } from '../../../src/model/bundle.ts'
import { loadScorer } from '../../../src/model/bundle-scorer.ts'
import { encodeModel, type ModelProto } from '../../../src/model/onnx/model.ts'
import { seeded } from '../../../src/random.ts'
import { CLI } from '../../helpers/build.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'
import { pairs, smallModel } from '../../model/foreign/small-models.ts'

const { folder, write } = temporaryFolder()
const random = seeded(1)
for (let i = 0; i < 3; i++) {
  write(
    `normal/${i}.npy`,
    encodeNpy(
      Float32Array.from({ length: 200 }, () => random.uniform()),
      [50, 4],
    ),
  )
}
const auscult = (...args: string[]) =>
  spawnSync(process.execPath, [CLI, ...args], { encoding: 'utf8', cwd: folder, env: { ...process.env, NO_COLOR: '1' } })

function model(name: string, content: ModelProto, manifest?: object): string {
  if (manifest) write(`${name}.yaml`, stringify({ front_end: { type: 'frame', shape: [4] }, ...manifest }))
  write(`${name}.onnx`, encodeModel(content))
  return `${name}.onnx`
}

const Y = { outputs: { reconstruction: 'y', latent: 'z' } }

describe('auscult calibrate', () => {
  it('writes a bundle with calibration, latents, clusters, map, golden windows and a report', async () => {
    const { status, stdout, stderr } = auscult('calibrate', model('pump', pairs(), Y), 'normal', '--json')
    expect(stderr).not.toContain('raise split.calibration')
    expect(status).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      bundle: 'pump-bundle',
      run: { model: 'pump.onnx' },
      recordings: 3,
      windows: 150,
      latent: { name: 'z', size: 2 },
      map: 'umap',
      device: 'cpu',
      warnings: [expect.stringContaining('normalization changes nothing')],
    })
    const bundle = await readBundle(join(folder, 'pump-bundle'))
    expect(bundle.manifest).toMatchObject({ name: 'pump', latent_size: 2, architecture: { type: 'foreign' } })
    expect(bundle.calibration.count).toBe(150)
    expect(bundle.latents).toHaveLength(300)
    expect(bundle.golden.scores.length).toBeGreaterThan(4)
    expect([bundle.clusters, bundle.map]).toEqual([expect.anything(), expect.anything()])
    const report = readFileSync(join(folder, 'pump-bundle/report.html'), 'utf8')
    expect(report).toContain('Calibration report')
    expect(report).not.toContain('<h2>Loss</h2>')
  })

  it('fits a detector to half of the recordings, and calibrates with the others', async () => {
    const content = model('knn', pairs(), { ...Y, score: { type: 'knn', on: 'features' } })
    const { status, stdout } = auscult('calibrate', content, 'normal')
    expect(status).toBe(0)
    expect(stdout).toContain('score       knn (nearest neighbours) on features (values), 4 values; 100 windows')
    const { manifest, detector, calibration } = await readBundle(join(folder, 'knn-bundle'))
    expect(manifest.detector).toMatchObject({ type: 'knn', on: 'features' })
    expect(detector!.windows).toBe(100)
    expect(calibration.count).toBe(50)
    // None of the windows that calibrate is one that it was fitted to.
    expect(calibration.quantiles[0]).toBeGreaterThan(0)
    const scorer = await loadScorer(join(folder, 'knn-bundle'), { device: 'cpu', threads: 1 })
    const { scores } = await scorer.score(Float32Array.of(0.5, 0.5, 0.5, 0.5, 9, 9, 9, 9), 2)
    await scorer.close()
    expect(scores[0]).toBeLessThan(calibration.quantiles[1000])
    expect(scores[1]).toBeGreaterThan(10 * calibration.quantiles[1000])
    const report = readFileSync(join(folder, 'knn-bundle/report.html'), 'utf8')
    expect(report).toContain('<dt>Fitted to</dt><dd>100 training windows</dd>')
  })

  it('refuses a detector on what the model does not give, or of more windows than there are', () => {
    const score = { type: 'knn', on: 'residual' }
    const without = auscult('calibrate', model('blind', pairs(), { outputs: { score: 'y' }, score }), 'normal')
    expect(without.stderr).toMatch(/no residual without outputs\.reconstruction/)
    const many = auscult('calibrate', model('many', pairs(), { ...Y, score: { type: 'knn', k: 500 } }), 'normal')
    expect(many.stderr).toMatch(/score\.k.*needs 500 training windows, and there are 100/s)
    expect([without.status, many.status]).toEqual([2, 2])
  })

  it('writes elsewhere with --output, and says how that is run', () => {
    const { status, stdout } = auscult('calibrate', model('fan', pairs(), Y), 'normal', '--output', 'models/fan')
    expect(status).toBe(0)
    expect(stdout).toMatch(/run with +bundle: models\/fan/)
  })

  it.each([
    ['no manifest', 'bare', pairs(), undefined, 2, /bare\.yaml.*AUSCULT_INPUT_MISSING[\s\S]*--manifest/],
    [
      'scores below 0',
      'negative',
      smallModel([
        { opType: 'ReduceMin', input: ['t'], output: ['y'], attribute: [{ name: 'axes', type: 7, ints: [1] }] },
      ]),
      { outputs: { score: 'y' } },
      1,
      /finite and not negative/,
    ],
  ])('refuses a model with %s', (_, name, content, manifest, code, message) => {
    if (name === 'negative') content.graph.node.unshift({ opType: 'Neg', input: ['x'], output: ['t'] })
    const { status, stderr } = auscult('calibrate', model(name, content, manifest), 'normal')
    expect(stderr).toMatch(message)
    expect(stderr).not.toMatch(/\n +at /)
    expect(status).toBe(code)
  })
})

describe('auscult run', () => {
  it('refuses a model that is not calibrated, with the command', () => {
    const onnx = model('new', pairs(), Y)
    write('run.yaml', stringify({ model: onnx, sources: { m: { type: 'files', path: 'normal' } }, http: { port: 0 } }))
    const { status, stderr } = auscult('run', 'run.yaml')
    expect(stderr).toContain('`auscult calibrate new.onnx RECORDINGS`')
    expect(status).toBe(1)
  })
})

describe('auscult model', () => {
  it('drafts a manifest that calibrates', () => {
    const onnx = model('draft', pairs())
    const { status, stdout } = auscult('model', onnx, '--manifest')
    expect(status).toBe(0)
    write('draft.yaml', stdout)
    expect(auscult('calibrate', onnx, 'normal').status).toBe(0)
    expect(auscult('model', 'draft-bundle').stdout).toMatch(/from +draft\.onnx, calibrated/)
  })
})
