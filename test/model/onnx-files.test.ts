import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createOnnxSession } from '../../src/model/engines/onnx.ts'
import { buildModel } from '../../src/model/families/build.ts'
import { scoringGraph } from '../../src/model/scoring-graph.ts'
import { seeded } from '../../src/random.ts'
import { SMALL, UNTRAINED } from '../helpers/architectures.ts'
import { PROJECT, python } from '../helpers/requires.ts'
import { SUPERVISED } from '../helpers/supervised.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { relativeDifference } from '../helpers/traced.ts'

const interpreter = python()

describe.skipIf(!interpreter)('ONNX files', () => {
  const { folder } = temporaryFolder()

  it('pass onnx.checker and score the same in Python', async () => {
    const jobs = await Promise.all(
      [...SMALL, ...UNTRAINED, ...SUPERVISED].map(async ({ config, featureShape, ...context }, i) => {
        const random = seeded(i)
        const shape = [5, ...featureShape]
        const data = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => random.uniform())
        const network = buildModel(config, { ...context, featureShape, seed: 1, loss: 'mse' })
        const onnx = scoringGraph(network)
        const [model, features] = [join(folder, `${i}.onnx`), join(folder, `${i}.f32`)]
        writeFileSync(model, onnx)
        writeFileSync(features, data)
        const session = await createOnnxSession(onnx, { device: 'cpu', threads: 1 })
        const { score } = await session.run({ features: { data, shape } })
        return { job: { model, features, shape }, score: score.data, latentSize: network.latentSize }
      }),
    )
    const input = jobs.map(({ job }) => JSON.stringify(job)).join('\n')
    const run = spawnSync(interpreter!, [join(PROJECT, 'test/model/onnx-files.py')], { input, encoding: 'utf8' })
    expect(run.stderr).not.toMatch(/Error/)
    const results = run.stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
    expect(results.length).toBe(jobs.length)
    results.forEach((result, i) => {
      expect(relativeDifference(result.score, jobs[i].score)).toBeLessThanOrEqual(1e-5)
      expect(result.latent).toEqual([5, jobs[i].latentSize])
      expect(result.reconstruction).toEqual(jobs[i].job.shape)
    })
  })
})
