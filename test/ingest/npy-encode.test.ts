import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openRecording } from '../../src/ingest/decode.ts'
import { encodeNpy } from '../../src/ingest/npy-encode.ts'
import { workFolder } from '../train/recordings.ts'

let folder: ReturnType<typeof workFolder>
beforeAll(() => {
  folder = workFolder('npy')
})
afterAll(() => folder.remove())

describe('encodeNpy', () => {
  it('is read back with its shape, values aligned to 64 bytes', async () => {
    const shapes = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 2, maxLength: 4 })
    await fc.assert(
      fc.asyncProperty(shapes, async shape => {
        const [count, ...frame] = shape
        const size = frame.reduce((a, b) => a * b, 1)
        const data = Float32Array.from({ length: count * size }, (_, i) => i - 3)
        const bytes = encodeNpy(data, shape)
        expect((bytes.length - data.byteLength) % 64).toBe(0)
        const recording = await openRecording(folder.write('a.npy', bytes), { shape: frame })
        if (recording.kind !== 'array') throw new Error('no array')
        expect(recording.count).toBe(count)
        expect(recording.read(count - 1)).toEqual(data.slice((count - 1) * size))
      }),
      { numRuns: 30 },
    )
  })

  it('writes a one-tuple for a vector', () => {
    expect(Buffer.from(encodeNpy(new Float32Array(3), [3])).toString('latin1')).toContain("'shape': (3,)")
  })
})
