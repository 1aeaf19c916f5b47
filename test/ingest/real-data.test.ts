import { readFileSync } from 'node:fs'
import { unzipSync } from 'fflate'
import { describe, expect, it } from 'vitest'
import { openRecording, type Recording } from '../../src/ingest/decode.ts'
import { listFiles } from '../../src/ingest/files-glob.ts'
import { sharedData } from '../helpers/requires.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const data = sharedData()
const { write } = temporaryFolder()

function sound(recording: Recording) {
  if (recording.kind !== 'audio') throw new Error('not sound')
  return { recording, samples: recording.read(0, recording.length) }
}

function frames(recording: Recording) {
  if (recording.kind !== 'array') throw new Error('not frames')
  return { recording, frame: recording.read(0) }
}

const rms = (samples: Float32Array) =>
  Math.hypot(...samples.subarray(0, 50_000)) / Math.sqrt(Math.min(50_000, samples.length))

describe.skipIf(!data)('real data', () => {
  it('machine sounds: 10 s at 16 kHz', async () => {
    const files = await listFiles(`${data}/audio/machine`)
    expect(files).toHaveLength(20)
    const { recording, samples } = sound(await openRecording(files[0], { sampleRate: 16000 }))
    expect(recording).toMatchObject({ sampleRate: 16000, fileSampleRate: 16000, channels: 1, length: 160_000 })
    expect(rms(samples)).toBeGreaterThan(1e-4)
    expect(samples.every(sample => Math.abs(sample) < 1)).toBe(true)
  })

  it('spoken digits: 8 kHz to 16 kHz, with the same energy', async () => {
    const [path] = await listFiles(`${data}/audio/speech/7_*_3.wav`)
    const original = sound(await openRecording(path))
    const { recording, samples } = sound(await openRecording(path, { sampleRate: 16000 }))
    expect(original.recording.sampleRate).toBe(8000)
    expect(recording.length).toBe(2 * original.recording.length)
    expect(rms(samples) / rms(original.samples)).toBeGreaterThan(0.98)
    expect(rms(samples) / rms(original.samples)).toBeLessThan(1.02)
  })

  it('toy cars: 200 frames of 128 mel bins in one file', async () => {
    const files = await listFiles(`${data}/spectra/toycar`)
    const clip = frames(await openRecording(files[0], { format: { dtype: 'f32le', shape: [200, 128] } }))
    expect([clip.recording.count, clip.frame.length]).toEqual([1, 25_600])
    const bins = frames(await openRecording(files[0], { shape: [128] }))
    expect(bins.recording.count).toBe(200)
    expect(bins.frame).toEqual(clip.frame.slice(0, 128))
    expect(clip.frame.every(value => value > -200 && value < 100)).toBe(true)
  })

  it('Timepix: hits of one frame of 256 × 256, also of an empty one', async () => {
    const files = await listFiles(`${data}/frames/timepix/*/*.txt`)
    const { recording, frame } = frames(await openRecording(files[0], { shape: [256, 256] }))
    expect(recording).toMatchObject({ count: 1, shape: [256, 256] })
    expect(frame.filter(count => count > 0).length).toBeGreaterThan(100)
    const empty = frames(await openRecording(`${data}/frames/timepix/3-20_mm/data001.txt`, { shape: [256, 256] }))
    expect(empty.frame.every(count => count === 0)).toBe(true)
  })
  it('CIFAR-10: pictures as luminance, and as three channels that it comes from', async () => {
    const files = await listFiles(`${data}/frames/cifar10/ship`)
    expect(files).toHaveLength(1000)
    const grey = frames(await openRecording(files[0], { shape: [32, 32] })).frame
    const { recording, frame } = frames(await openRecording(files[0], { shape: [32, 32, 3] }))
    expect(recording).toMatchObject({ count: 1, shape: [32, 32, 3] })
    const [red, green, blue] = frame.subarray(3 * 500)
    expect(grey[500]).toBeCloseTo(0.299 * red + 0.587 * green + 0.114 * blue, 3)
    expect(new Set(grey).size).toBeGreaterThan(50)
  })

  it('a fan: columns of `index, value` lines', async () => {
    const [archive] = await listFiles(`${data}/spectra/cooling-fan/*normal*.zip`, { format: 'raw' })
    const entries = unzipSync(readFileSync(archive), { filter: ({ name }) => name.endsWith('.csv') })
    const path = write('fan.csv', Object.values(entries)[0])
    const { recording, frame } = frames(await openRecording(path, { format: { columns: [1], shape: [512] } }))
    expect(recording.count).toBe(1)
    expect(frame.every(value => value >= 0 && value < 100)).toBe(true)
    expect(new Set(frame).size).toBeGreaterThan(300)
  })
})
