import { readFileSync } from 'node:fs'
import { expect } from 'vitest'
import { type AudioRecording, openRecording } from '../../src/ingest/decode.ts'
import { PROJECT } from './requires.ts'

/** Compressed recordings with what libsndfile decodes from them; made by make.py there. */
export const SOUNDS = `${PROJECT}test/fixtures/sound/`

interface Golden {
  sample_rate: number
  channels: number
  length: number
  rms: number
  first: number[]
  middle: number[]
  last: number[]
}

export const goldenSounds: Record<string, Golden> = JSON.parse(readFileSync(`${SOUNDS}golden.json`, 'utf8'))

export async function openSound(path: string): Promise<AudioRecording> {
  const recording = await openRecording(path)
  if (recording.kind !== 'audio') throw new Error(`${path} is no sound`)
  return recording
}

/** Expects a fixture to give its golden samples to `tolerance`. */
export async function expectGolden(name: string, tolerance: number): Promise<void> {
  const golden = goldenSounds[name]
  const sound = await openSound(SOUNDS + name)
  expect(sound).toMatchObject({
    fileSampleRate: golden.sample_rate,
    channels: golden.channels,
    length: golden.length,
  })
  const samples = sound.read(0, sound.length)
  const middle = Math.floor(golden.length / 2)
  const places: [number, number[]][] = [
    [0, golden.first],
    [middle, golden.middle],
    [golden.length - 16, golden.last],
  ]
  for (const [at, expected] of places) {
    const differences = expected.map((value, i) => Math.abs(samples[at + i] - value))
    expect(Math.max(...differences), `${name} from ${at}`).toBeLessThanOrEqual(tolerance)
  }
  const rms = Math.sqrt(samples.reduce((sum, x) => sum + x * x, 0) / samples.length)
  expect(Math.abs(rms - golden.rms)).toBeLessThanOrEqual(Math.max(tolerance, 1e-9))
}
