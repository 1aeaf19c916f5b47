import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { encodeClip } from '../../src/ingest/clip.ts'
import { openRecording } from '../../src/ingest/decode.ts'
import { seeded } from '../../src/random.ts'
import { python } from '../helpers/requires.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const { write } = temporaryFolder()

async function audio(samples: Float32Array) {
  const { type, extension, bytes } = await encodeClip({ kind: 'audio', samples, sampleRate: 8000 })
  const recording = await openRecording(write(`clip${extension}`, bytes), { sampleRate: 8000 })
  if (recording.kind !== 'audio') throw new Error('no audio')
  return { type, bytes, read: recording.read(0, recording.length) }
}

function frameClip(side: number) {
  const random = seeded(3)
  const frames = Float32Array.from({ length: 3 * side * side }, () => (random.uniform() < 0.02 ? random.normal() : 0))
  const times = Float64Array.of(1.7e12, 1.7e12 + 40, 1.7e12 + 80)
  return { kind: 'frames', frames, shape: [side, side], times, scores: Float64Array.of(1, 9.25, 2) } as const
}

describe('encodeClip', () => {
  it('writes sound of 16 bits as such, and other sound as float, both bit by bit', async () => {
    const random = seeded(1)
    const coarse = Float32Array.from({ length: 500 }, () => Math.floor(65536 * random.uniform()) / 32768 - 1)
    const short = await audio(coarse)
    expect(short.read).toEqual(coarse)
    expect([short.type, short.bytes.length]).toEqual(['audio/wav', 44 + 1000])
    const fine = Float32Array.from({ length: 500 }, () => 3 * random.normal())
    const long = await audio(fine)
    expect(long.read).toEqual(fine)
    expect(long.bytes.length).toBe(44 + 2000)
  })

  it.each([4, 300])('writes frames of side %i with times and scores', async side => {
    const clip = frameClip(side)
    const { type, extension, bytes } = await encodeClip(clip)
    expect([type, extension]).toEqual(['application/zip', '.npz'])
    if (side > 100) expect(bytes.length).toBeLessThan(clip.frames.byteLength / 4)
    const path = write(`clip-${side}${extension}`, bytes)
    if (!python()) return
    const code = `import json, numpy as np
z = np.load(${JSON.stringify(path)})
print(json.dumps([list(z['frames'].shape), z['frames'].astype(float).ravel().sum(), list(z['times']), list(z['scores'])]))`
    const { stdout, stderr } = spawnSync(python()!, ['-c', code], { encoding: 'utf8' })
    const sum = clip.frames.reduce((total, value) => total + value, 0)
    expect(stdout, stderr).not.toBe('')
    const [shape, total, times, scores] = JSON.parse(stdout)
    expect([shape, times, scores]).toEqual([[3, side, side], [...clip.times], [...clip.scores]])
    expect(total).toBeCloseTo(sum, 3)
  })
})
