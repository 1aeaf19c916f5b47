import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { stringify } from 'yaml'
import { loadScorer } from '../../src/model/bundle-scorer.ts'
import { CLI } from '../helpers/build.ts'
import { DaemonProcess } from '../helpers/daemon-process.ts'
import { tfjsNode } from '../helpers/requires.ts'
import { relativeDifference } from '../helpers/traced.ts'
import { until } from '../helpers/until.ts'
import { hum, workFolder } from '../train/recordings.ts'
import { LOADING_MS } from './children.ts'

vi.setConfig({ testTimeout: LOADING_MS })

const modules = tfjsNode()
const folder = workFolder('tfjs')

const auscult = (...args: string[]) => promisify(execFile)(process.execPath, [CLI, ...args], { cwd: folder.path })

async function train(type: string): Promise<string> {
  const config = {
    output: `models/${type}`,
    input: { paths: ['normal'] },
    front_end: { type: 'raw', sample_rate: 1000, window_samples: 100 },
    architecture: { type: 'conv1d-ae' },
    training: { epochs: 2, batch_size: 16 },
    engine: { type },
  }
  const { stdout, stderr } = await auscult('train', folder.write(`${type}.yaml`, stringify(config)))
  return stdout + stderr
}

const bundleOf = (type: string) => join(folder.path, 'models', type)

describe.skipIf(!modules)('auscult on tfjs-node', () => {
  beforeAll(() => {
    process.env.NODE_PATH = join(modules!, 'node_modules')
    for (let i = 0; i < 10; i++) folder.wav(`normal/${i}.wav`, hum(2000, i))
  })
  afterAll(() => folder.remove())

  it('trains a bundle as the engine onnx does', async () => {
    expect(await train('tfjs')).toMatch(/^time .* on cpu \(@tensorflow\/tfjs-node 4/m)
    await train('onnx')
    const windows = hum(500, 77)
    const engine = { device: 'cpu', threads: 1 } as const
    // The golden windows are checked at loading: they were scored by the engine that trained.
    const [tfjs, onnx] = [await loadScorer(bundleOf('tfjs'), engine), await loadScorer(bundleOf('onnx'), engine)]
    const [actual, expected] = [await tfjs.score(windows, 5), await onnx.score(windows, 5)]
    await Promise.all([tfjs.close(), onnx.close()])
    expect(relativeDifference(actual.scores, expected.scores)).toBeLessThanOrEqual(1e-3)
    expect(relativeDifference(actual.latents, expected.latents)).toBeLessThanOrEqual(1e-3)
  })

  it('evaluates a bundle of the other engine', async () => {
    const scores = async (engine: string): Promise<number[]> => {
      const args = [bundleOf('onnx'), 'normal', '--engine', engine, '--device', 'cpu', '--json']
      const { stdout } = await auscult('evaluate', ...args)
      return JSON.parse(stdout).scores.map(({ score }: { score: number }) => score)
    }
    const [actual, expected] = [await scores('tfjs'), await scores('onnx')]
    expect(expected).toHaveLength(10)
    expect(relativeDifference(actual, expected)).toBeLessThanOrEqual(1e-4)
  })

  it('runs in two threads of the daemon', async () => {
    const daemon = new DaemonProcess(folder.path, 'run', {
      bundle: bundleOf('onnx'),
      sources: { pump: { type: 'folder', path: join(folder.path, 'normal') } },
      window: { overlap: 0 },
      scorer: { engine: 'tfjs', device: 'cpu', workers: 2 },
      store: { path: null },
      http: { port: 0 },
    })
    await daemon.start()
    await until(() => daemon.scored === 200, LOADING_MS)
    expect(daemon.log.filter(({ msg }) => /oneDNN|cpu_feature_guard/.test(String(msg)))).toEqual([])
    expect(await daemon.stop()).toBe(0)
    expect(daemon.lives[0]).toMatchObject({ received: 200, scored: 200, failed: 0, breaches: [] })
  })
})
