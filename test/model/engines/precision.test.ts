import { describe, expect, it } from 'vitest'
import { readBundle } from '../../../src/model/bundle.ts'
import { createScorer } from '../../../src/model/bundle-scorer.ts'
import { REDUCED_TOLERANCE } from '../../../src/model/precision-rules.ts'
import { testedDevices } from '../../helpers/devices.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'
import { tinyWindows, writeTinyBundle } from '../../helpers/tiny-bundle.ts'

const DEVICES = await testedDevices()

describe.skipIf(DEVICES.length === 0).each(DEVICES)('fp16 on $label', ({ device }) => {
  const { folder } = temporaryFolder()
  const windows = tinyWindows(12, 4)

  it('scores as fp32 on the CPU, or says that the device has no such numbers', async () => {
    const bundle = await readBundle(await writeTinyBundle(folder))
    const exact = await createScorer(bundle, { device: 'cpu', threads: 1 })
    const { scores: expected } = await exact.score(windows, 12)
    await exact.close()
    const reduced = await createScorer(bundle, { device, threads: 1, precision: 'fp16' }).catch(error => error)
    if (reduced instanceof Error) {
      // SwiftShader and older cards: no shader-f16. CUDA has them always.
      expect(device).toBe('webgpu')
      expect(reduced).toMatchObject({
        code: 'AUSCULT_PRECISION',
        message: 'the device webgpu cannot be used: it has no 16-bit floats',
        remedy: 'Use precision: fp32, or device: auto.',
      })
      return
    }
    expect(reduced.device).toBe(device)
    const { scores } = await reduced.score(windows, 12)
    await reduced.close()
    for (const [i, score] of expected.entries()) {
      expect(Math.abs(scores[i] / score - 1)).toBeLessThanOrEqual(REDUCED_TOLERANCE)
    }
  })
})
