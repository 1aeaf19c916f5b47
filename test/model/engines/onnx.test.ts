import { describe, expect, it } from 'vitest'
import type { Device } from '../../../src/model/engine.ts'
import { createOnnxSession } from '../../../src/model/engines/onnx.ts'
import { buildModel } from '../../../src/model/families/build.ts'
import { scoringGraph } from '../../../src/model/scoring-graph.ts'
import { seeded } from '../../../src/random.ts'
import { SMALL } from '../../helpers/architectures.ts'
import { relativeDifference } from '../../helpers/traced.ts'

const data = (shape: readonly number[]) => {
  const random = seeded(1)
  return { data: Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => random.uniform()), shape }
}

const model = () =>
  scoringGraph(buildModel(SMALL[0].config, { featureShape: SMALL[0].featureShape, seed: 1, loss: 'mse' }))

async function score(onnx: Uint8Array, shape: readonly number[], device: Device, threads = 1): Promise<Float32Array> {
  const session = await createOnnxSession(onnx, { device, threads })
  expect(session.device).toBe(device)
  const { score } = await session.run({ features: data(shape) })
  await session.release()
  return score.data
}

describe('createOnnxSession', () => {
  it('runs on the CPU with any number of threads', async () => {
    const onnx = model()
    const expected = await score(onnx, [9, 10], 'cpu', 1)
    for (const threads of [0, 2]) {
      expect(relativeDifference(await score(onnx, [9, 10], 'cpu', threads), expected)).toBeLessThanOrEqual(1e-6)
    }
  })

  it('finds a device by itself', async () => {
    const session = await createOnnxSession(model(), { device: 'auto', threads: 1 })
    expect(['cpu', 'webgpu', 'cuda']).toContain(session.device)
    await session.release()
  })

  it('refuses a device that was asked for by name and cannot be used, with the remedy', async () => {
    const refused = createOnnxSession(Uint8Array.of(1, 2, 3), { device: 'cpu', threads: 1 })
    await expect(refused).rejects.toThrow(expect.objectContaining({ code: 'AUSCULT_DEVICE', at: 'device: cpu' }))
  })

  it('writes to the arrays that it is given', async () => {
    const session = await createOnnxSession(model(), { device: 'cpu', threads: 1 })
    const into = { score: { data: new Float32Array(4), shape: [4] } }
    const result = await session.run({ features: data([4, 10]) }, into)
    expect([...into.score.data]).toEqual([...result.score.data])
    expect(into.score.data[0]).toBeGreaterThan(0)
    await session.release()
  })

  it('gives a typed error for input of another shape', async () => {
    const session = await createOnnxSession(model(), { device: 'cpu', threads: 1 })
    await expect(session.run({ features: data([4, 11]) })).rejects.toThrow(
      expect.objectContaining({ code: 'AUSCULT_ENGINE' }),
    )
    await session.release()
  })
})
