import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { inputFormatSchema } from '../../src/ingest/format.ts'
import { type ScanOptions, scanRecordings } from '../../src/train/scan.ts'
import { readWindows } from '../../src/train/windows.ts'
import { hum, workFolder } from './recordings.ts'

let folder: ReturnType<typeof workFolder>
beforeEach(() => {
  folder = workFolder('scan')
})
afterEach(() => folder.remove())

const options = (changes: Partial<ScanOptions> = {}): ScanOptions => ({
  format: inputFormatSchema.parse({}),
  windowShape: [100],
  sampleRate: 1000,
  otherLength: 'drop',
  expectedSeconds: null,
  fragments: { position: 'fixed', per_file: null, hop_seconds: null },
  dropConstant: true,
  seed: 0,
  ...changes,
})
const windowsOf = async (scan: Awaited<ReturnType<typeof scanRecordings>>, index = 0) => {
  const recording = scan.recordings[index]
  const windows: Float32Array[] = []
  for await (const { data } of readWindows(recording, { from: 0, to: recording.offsets.length }, options()))
    windows.push(data)
  return windows
}

describe('scanRecordings', () => {
  it('says which windows a file gives, and they are read as they lie', async () => {
    const samples = hum(350, 1)
    const scan = await scanRecordings([folder.wav('a.wav', samples)], options())
    expect(scan.recordings[0].offsets).toEqual([0, 100, 200])
    expect(await windowsOf(scan)).toEqual([0, 100, 200].map(at => samples.slice(at, at + 100)))
  })

  it('drops, pads or refuses files shorter than a window', async () => {
    const files = [folder.wav('long.wav', hum(200, 1)), folder.wav('short.wav', hum(70, 2))]
    const dropped = await scanRecordings(files, options())
    expect(dropped.recordings).toHaveLength(1)
    expect(dropped.dropped).toEqual([{ path: files[1], reason: '0.07 s long, shorter than a window of 0.1 s' }])

    const padded = await scanRecordings(files, options({ otherLength: 'pad' }))
    const [window] = await windowsOf(padded, 1)
    expect(window.subarray(0, 70)).toEqual(hum(70, 2))
    expect(window.subarray(70)).toEqual(new Float32Array(30))

    await expect(scanRecordings(files, options({ otherLength: 'refuse' }))).rejects.toThrow(
      expect.objectContaining({
        code: 'AUSCULT_INPUT_SHAPE',
        message: expect.stringMatching(/^1 file has another length.*\n.*short\.wav/),
      }),
    )
  })

  it('compares with the expected length: drops, or pads and cuts to it', async () => {
    const files = [200, 150, 310].map((n, i) => folder.wav(`${n}.wav`, hum(n, i)))
    const expected = { expectedSeconds: 0.2 }
    const dropped = await scanRecordings(files, options(expected))
    expect(dropped.dropped.map(d => d.reason)).toEqual(['0.15 s long instead of 0.2 s', '0.31 s long instead of 0.2 s'])
    const padded = await scanRecordings(files, options({ ...expected, otherLength: 'pad' }))
    expect(padded.recordings.map(r => r.offsets)).toEqual([
      [0, 100],
      [0, 100],
      [0, 100],
    ])
  })

  it('leaves out a silent file with a warning that names it', async () => {
    const files = [folder.wav('a.wav', hum(200, 1)), folder.wav('zeros.wav', new Float32Array(200))]
    const scan = await scanRecordings(files, options())
    expect(scan.dropped).toEqual([{ path: files[1], reason: 'constant signal' }])
    expect(scan.warnings).toHaveLength(1)
    expect(scan.warnings[0]).toContain(files[1])
    expect((await scanRecordings(files, options({ dropConstant: false }))).recordings).toHaveLength(2)
  })

  it('fails on a file that is empty, truncated or of the wrong kind', async () => {
    const good = folder.wav('a.wav', hum(200, 1))
    const empty = folder.write('b.wav', '')
    await expect(scanRecordings([good, empty], options())).rejects.toThrow(
      expect.objectContaining({ code: 'AUSCULT_INPUT_INVALID' }),
    )
    await expect(scanRecordings([good], options({ sampleRate: null, windowShape: [10, 10] }))).rejects.toThrow(
      expect.objectContaining({ code: 'AUSCULT_INPUT_SHAPE', at: good }),
    )
  })

  it('lists raw files that are no whole number of frames', async () => {
    const frame = (n: number) => new Uint8Array(new Float32Array(n).fill(1).buffer)
    const files = [folder.write('a.bin', frame(24)), folder.write('b.bin', frame(13))]
    const frames = options({ windowShape: [4, 3], sampleRate: null })
    const scan = await scanRecordings(files, frames)
    expect(scan.recordings.map(r => r.offsets)).toEqual([[0, 1]])
    expect(scan.dropped.map(d => d.path)).toEqual([files[1]])
    await expect(scanRecordings(files, { ...frames, otherLength: 'refuse' })).rejects.toThrow(
      expect.objectContaining({ code: 'AUSCULT_INPUT_SHAPE' }),
    )
  })
})
