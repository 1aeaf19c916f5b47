import { beforeAll, describe, expect, it } from 'vitest'
import { createOnnxSession } from '../../src/model/engines/onnx.ts'
import { relativeDifference } from '../helpers/traced.ts'
import { BATCH, batches, CASES, programOf, RATE, type TrainingCase } from './cases.ts'
import { LOADING_MS, PLACES, runThere } from './children.ts'
import type { Trained } from './train-child.ts'

/** Largest difference, relative to the largest magnitude. */
const TOLERANCE = 1e-4

const computed = new Map<TrainingCase, ReturnType<typeof compute>>()

/** What every place is held against, computed once. */
function onOnnx(training: TrainingCase): ReturnType<typeof compute> {
  const known = computed.get(training) ?? compute(training)
  computed.set(training, known)
  return known
}

async function compute(training: TrainingCase) {
  const program = await programOf(training, { device: 'cpu', threads: 1 })
  const { featureShape } = training
  const data = batches(featureShape)
  const losses: number[] = []
  for (const batch of data) losses.push(await program.step(batch, BATCH, RATE))
  const evaluated = await program.evaluate(data[0], BATCH)
  const state = await program.snapshot()
  const scores = await score(await program.exportModel(), data[0], featureShape)
  await program.release()
  return { losses, evaluated, state, scores }
}

async function score(model: Uint8Array, data: Float32Array, featureShape: readonly number[]) {
  const session = await createOnnxSession(model, { device: 'cpu', threads: 1 })
  const outputs = await session.run({ features: { data, shape: [BATCH, ...featureShape] } })
  await session.release()
  return outputs
}

describe.each(PLACES)('engine tfjs, $name', place => {
  let trained: Trained[]

  beforeAll(async () => {
    trained = JSON.parse(await runThere(place, 'train-child.ts'))
  }, LOADING_MS)

  it('computes on the package that it was to take', () => {
    expect(trained[0].device).toMatch(place.expected)
  })

  it.each(CASES.map((each, i) => ({ name: each.name, each, i })))(
    '$name: trains three steps and scores as engine onnx',
    async ({ each, i }) => {
      const [expected, actual] = [await onOnnx(each), trained[i]]
      expect(relativeDifference(actual.losses, expected.losses)).toBeLessThanOrEqual(TOLERANCE)
      expect(relativeDifference([actual.evaluated], [expected.evaluated])).toBeLessThanOrEqual(TOLERANCE)
      expect(Object.keys(actual.state).sort()).toEqual(Object.keys(expected.state).sort())
      for (const [name, { data }] of Object.entries(expected.state)) {
        expect(relativeDifference(actual.state[name], data), name).toBeLessThanOrEqual(TOLERANCE)
      }
      // The exported model on either engine.
      const scores = await score(Buffer.from(actual.model, 'base64'), batches(each.featureShape)[0], each.featureShape)
      for (const [name, { data }] of Object.entries(expected.scores)) {
        expect(relativeDifference(scores[name].data, data), name).toBeLessThanOrEqual(TOLERANCE)
        expect(relativeDifference(actual.scores[name], data), name).toBeLessThanOrEqual(TOLERANCE)
      }
      expect(actual.leaked).toBe(0)
    },
  )
})
