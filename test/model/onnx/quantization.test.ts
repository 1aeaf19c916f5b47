import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { createOnnxSession } from '../../../src/model/engines/onnx.ts'
import { toFloat16 } from '../../../src/model/onnx/float16.ts'
import { encodeModel } from '../../../src/model/onnx/model.ts'
import { measureRanges } from '../../../src/model/onnx/ranges.ts'
import { toInt8 } from '../../../src/model/onnx/to-int8.ts'
import { SMALL } from '../../helpers/architectures.ts'
import { itemsFor, modelOf, outputsOf, simplified } from '../../helpers/reduced.ts'
import { PROJECT, python } from '../../helpers/requires.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

const interpreter = python()
/** Dense with batch norm, convolutions along time, convolutions over pictures. */
const COMPARED = [0, 2, 5].map(i => SMALL[i])

interface Result {
  exact: number[]
  theirs: number[]
  ours: number[]
  bits: number[]
}

/** Root of the mean square of differences relative to what is exact. */
const errorOf = (scores: readonly number[], exact: readonly number[]): number =>
  Math.sqrt(exact.reduce((sum, score, i) => sum + (scores[i] / score - 1) ** 2, 0) / exact.length)

describe.skipIf(!interpreter)("beside Python's onnxruntime", () => {
  const { folder } = temporaryFolder()
  const results: Result[] = []
  const here: number[][] = []

  beforeAll(async () => {
    const jobs: string[] = []
    for (const [i, small] of COMPARED.entries()) {
      const model = modelOf(small)
      const [calibration, features] = [itemsFor(small, 64, 1), itemsFor(small, 64, 2)]
      const int8 = toInt8(await simplified(model), await measureRanges(model, [calibration], createOnnxSession))!
      const file = (name: string, bytes: Uint8Array) => {
        const path = join(folder, `${i}-${name}`)
        writeFileSync(path, bytes)
        return path
      }
      const job = {
        model: file('fp32.onnx', encodeModel(model)),
        ours: file('int8.onnx', encodeModel(int8)),
        calibration: file('calibration', new Uint8Array(calibration.data.buffer)),
        features: file('features', new Uint8Array(features.data.buffer)),
        shape: features.shape,
        folder,
      }
      jobs.push(JSON.stringify(job))
      here.push([...(await outputsOf(int8, features)).score.data])
    }
    const script = join(PROJECT, 'test/model/onnx/quantization.py')
    const run = spawnSync(interpreter!, [script], { input: jobs.join('\n'), encoding: 'utf8' })
    expect(run.stderr).not.toMatch(/Error/)
    for (const line of run.stdout.trim().split('\n')) results.push(JSON.parse(line))
  }, 120_000)

  it('quantises about as well as quantize_static, with headroom besides', () => {
    expect(results).toHaveLength(COMPARED.length)
    for (const { exact, theirs, ours } of results) {
      // Steps are twice theirs.
      expect(errorOf(ours, exact)).toBeLessThanOrEqual(Math.max(3 * errorOf(theirs, exact), 1e-3))
    }
  })

  it('gives the same scores there as here', () => {
    results.forEach(({ ours }, i) => {
      expect(errorOf(ours, here[i])).toBeLessThanOrEqual(1e-5)
    })
  })

  it('rounds to 16 bits as numpy does', () => {
    results.forEach(({ bits }, i) => {
      expect([...toFloat16(itemsFor(COMPARED[i], 64, 2).data)]).toEqual(bits)
    })
  })
})
