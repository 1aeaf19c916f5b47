import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { Clock } from '../../../src/clock.ts'
import { systemClock } from '../../../src/clock.ts'
import { checkConfig } from '../../../src/config.ts'
import type { AuscultError } from '../../../src/errors.ts'
import { openRecording } from '../../../src/ingest/decode.ts'
import { recordSchema } from '../../../src/ingest/record/config.ts'
import { Recorder, type RecorderOptions } from '../../../src/ingest/record/recorder.ts'
import type { Window } from '../../../src/types.ts'
import { PROJECT } from '../../helpers/requires.ts'
import { type SmallDisk, smallDisk } from '../../helpers/small-disk.ts'
import { errorOf, temporaryFolder } from '../../helpers/temporary.ts'
import { until } from '../../helpers/until.ts'

const { folder } = temporaryFolder()
const START = Date.UTC(2026, 0, 31, 12)
const RATE = 1000
const SIZE = 100

let count = 0
const disks: SmallDisk[] = []
afterEach(() => {
  for (const disk of disks.splice(0)) disk.remove()
})

/** A second passes with each sleep. */
const quickClock = (): Clock => {
  let now = START
  return {
    now: () => now,
    sleep: async (_ms, signal) => {
      signal?.throwIfAborted()
      now += 1000
      await new Promise(resolve => setTimeout(resolve, 2))
    },
  }
}

function make(config: object = {}, options: Partial<RecorderOptions> = {}) {
  const path = join(folder, `r${count++}`)
  const log: string[] = []
  const controller = new AbortController()
  const recorder = new Recorder({
    source: 'pump',
    config: checkConfig({ folder: path, ...config }, recordSchema, 'test'),
    sampleRate: RATE,
    shape: [SIZE],
    clock: quickClock(),
    signal: controller.signal,
    events: {
      finished: (file, items) => log.push(`finished ${file.slice(recorder.folder.length + 1)} ${items}`),
      recovered: file => log.push(`recovered ${file.slice(recorder.folder.length + 1)}`),
      deleted: file => log.push(`deleted ${file.slice(recorder.folder.length + 1)}`),
      trouble: reason => log.push(`trouble: ${reason}`),
      relieved: () => log.push('relieved'),
    },
    ...options,
  })
  return { recorder, log, controller, files: () => readdirSync(recorder.folder).sort() }
}

const acked: number[] = []
/** Window `index` of a feed of 0.1 s windows whose samples count up in steps of 1/32768. */
function windowOf(index: number, changes: Partial<Window> = {}) {
  const data = Float32Array.from({ length: SIZE }, (_, i) => (((index * SIZE + i) % 60_000) - 30_000) / 32768)
  const place = {
    source: 'pump',
    id: `${index}`,
    index,
    stream: 'mic',
    offset: index * SIZE,
    time: START + index * 100,
  }
  const window: Window = { ...place, data, shape: [SIZE], ...changes }
  return { window, ack: () => void acked.push(index) }
}

async function samplesOf(path: string): Promise<Float32Array> {
  const recording = await openRecording(path)
  if (recording.kind !== 'audio') throw new Error('no sound')
  return recording.read(0, recording.length)
}

const expected = (from: number, to: number) =>
  Float32Array.from({ length: (to - from) * SIZE }, (_, i) => (((from * SIZE + i) % 60_000) - 30_000) / 32768)

describe('Recorder', () => {
  it('writes windows one after the other, under a temporary name until the file is complete', async () => {
    const { recorder, files, log } = make()
    await recorder.open()
    for (let i = 0; i < 30; i++) await recorder.take(windowOf(i))
    await recorder.flush()
    expect(files()).toEqual(['pump-20260131T120000.000Z.wav.part'])
    await recorder.close()
    expect(files()).toEqual(['pump-20260131T120000.000Z.wav'])
    expect(await samplesOf(join(recorder.folder, files()[0]))).toEqual(expected(0, 30))
    expect(log).toEqual(['finished pump-20260131T120000.000Z.wav 3000'])
  })

  it('ends a file after a time of the feed, and before it is too large', async () => {
    const byTime = make({ minutes: 0.05 })
    for (let i = 0; i < 70; i++) await byTime.recorder.take(windowOf(i))
    await byTime.recorder.close()
    expect(byTime.log).toEqual([
      'finished pump-20260131T120000.000Z.wav 3000',
      'finished pump-20260131T120003.000Z.wav 3000',
      'finished pump-20260131T120006.000Z.wav 1000',
    ])
    const bySize = make({ megabytes: 0.002, encoding: 'float32' })
    for (let i = 0; i < 9; i++) await bySize.recorder.take(windowOf(i))
    await bySize.recorder.close()
    const sizes = bySize.files().map(file => statSync(join(bySize.recorder.folder, file)).size)
    expect(sizes).toEqual([44 + 4 * 400, 44 + 4 * 400, 44 + 400])
  })

  it('begins a new file where sound has a gap or another stream begins', async () => {
    const { recorder, log } = make()
    await recorder.take(windowOf(0))
    await recorder.take(windowOf(1))
    await recorder.take(windowOf(7))
    await recorder.take(windowOf(8, { stream: 'next', offset: 0 }))
    await recorder.close()
    expect(log).toEqual([
      'finished pump-20260131T120000.000Z.wav 200',
      'finished pump-20260131T120000.700Z.wav 100',
      'finished pump-20260131T120000.800Z.wav 100',
    ])
  })

  it('takes sound for unbroken where offsets or times say so', async () => {
    const { recorder, log } = make()
    await recorder.take(windowOf(0))
    await recorder.take(windowOf(1, { time: START + 5000 }))
    await recorder.take(windowOf(2, { time: START + 5120, offset: 99_999 }))
    await recorder.close()
    expect(log).toEqual(['finished pump-20260131T120000.000Z.wav 300'])
  })

  it('keeps frames together, whatever files they come from', async () => {
    const { recorder, files } = make({}, { sampleRate: null, shape: [2, 3] })
    for (let i = 0; i < 5; i++) {
      const data = Float32Array.from({ length: 6 }, (_, k) => 10 * i + k)
      await recorder.take(windowOf(i, { data, shape: [2, 3], stream: `file${i}`, offset: 0 }))
    }
    await recorder.close()
    expect(files()).toEqual(['pump-20260131T120000.000Z.npy'])
    const frames = await openRecording(join(recorder.folder, files()[0]), { shape: [2, 3] })
    if (frames.kind !== 'array') throw new Error('no frames')
    expect(frames.count).toBe(5)
    expect([...frames.read(4)]).toEqual([40, 41, 42, 43, 44, 45])
  })

  it('acknowledges what is on the disk', async () => {
    acked.length = 0
    const { recorder, files } = make({}, { clock: { ...systemClock, now: () => 0 } })
    for (let i = 0; i < 5; i++) await recorder.take(windowOf(i))
    expect(acked).toEqual([])
    await recorder.flush()
    expect(acked).toEqual([0, 1, 2, 3, 4])
    const part = join(recorder.folder, files()[0])
    writeFileSync(join(folder, 'copy.wav'), readFileSync(part))
    expect(await samplesOf(join(folder, 'copy.wav'))).toEqual(expected(0, 5))
    await recorder.close()
  })

  it('never overwrites, and leaves no empty file', async () => {
    const first = make()
    await first.recorder.open()
    await first.recorder.close()
    expect(first.files()).toEqual([])
    const again = make({ folder: join(first.recorder.folder, '..') })
    for (const { recorder } of [first, again]) {
      await recorder.take(windowOf(0))
      await recorder.close()
    }
    expect(first.files()).toEqual(['pump-20260131T120000.000Z-1.wav', 'pump-20260131T120000.000Z.wav'])
  })

  it('deletes old recordings as it goes', async () => {
    const { recorder, log, files } = make({ minutes: 1 / 600, keep_megabytes: 0.0009 })
    for (let i = 0; i < 10; i++) await recorder.take(windowOf(i))
    await recorder.close()
    expect(log.filter(line => line.startsWith('deleted'))).toHaveLength(7)
    expect(files()).toHaveLength(3)
  })

  it.each([200, 100])('waits for a full disk of %i KiB to have room again, and loses nothing', async kibibytes => {
    const disk = smallDisk(kibibytes)
    disks.push(disk)
    const { recorder, log, files } = make({ folder: disk.folder }, { openFile: disk.openFile })
    acked.length = 0
    await recorder.open()
    const taken = (async () => {
      for (let i = 0; i < 1200; i++) await recorder.take(windowOf(i))
      await recorder.flush()
    })()
    await until(() => recorder.trouble !== undefined)
    expect(recorder.trouble).toBe('the disk is full')
    await new Promise(resolve => setTimeout(resolve, 50))
    const before = acked.length
    expect(before).toBeLessThan(1200)
    disk.grow()
    await taken
    await recorder.close()
    expect(recorder.trouble).toBeUndefined()
    expect(acked).toEqual(Array.from({ length: 1200 }, (_, i) => i))
    expect(log.filter(line => !line.startsWith('finished'))).toEqual(['trouble: the disk is full', 'relieved'])
    const pieces = await Promise.all(files().map(file => samplesOf(join(recorder.folder, file))))
    expect(Float32Array.from(pieces.flatMap(piece => [...piece]))).toEqual(expected(0, 1200))
  })

  it('gives up what a full disk has not taken when it is stopped', async () => {
    const disk = smallDisk(100)
    disks.push(disk)
    const { recorder, controller, files } = make({ folder: disk.folder }, { openFile: disk.openFile })
    acked.length = 0
    const taken = (async () => {
      for (let i = 0; i < 1200; i++) await recorder.take(windowOf(i))
      await recorder.flush()
    })()
    await until(() => recorder.trouble !== undefined)
    controller.abort()
    await taken
    await recorder.close()
    expect(recorder.unwritten).toBeGreaterThan(0)
    const written = await Promise.all(files().map(async file => (await samplesOf(join(recorder.folder, file))).length))
    expect(written.reduce((sum, n) => sum + n, 0)).toBe(acked.length * SIZE)
  })

  it('makes room by itself where it may delete', async () => {
    const disk = smallDisk(160)
    disks.push(disk)
    const { recorder, log } = make(
      { folder: disk.folder, minutes: 0.05, keep_megabytes: 0.1 },
      { openFile: disk.isReal ? disk.openFile : undefined },
    )
    for (let i = 0; i < 1500; i++) await recorder.take(windowOf(i))
    await recorder.close()
    expect(log.filter(line => line.startsWith('trouble'))).toEqual([])
    expect(log.filter(line => line.startsWith('deleted')).length).toBeGreaterThan(10)
  })

  it('refuses a folder that cannot be written', async () => {
    const file = join(folder, 'a-file')
    writeFileSync(file, '')
    const { recorder } = make({ folder: file })
    const error = (await errorOf(() => recorder.open())) as AuscultError
    expect([error.code, error.at]).toEqual(['AUSCULT_OUTPUT', join(file, 'pump')])
    expect(error.remedy).toContain('record.folder')
  })

  it('recovers what an interrupted recording left', async () => {
    const { recorder, log, files } = make({ encoding: 'float32' })
    mkdirSync(recorder.folder, { recursive: true })
    const earlier = make({ folder: join(recorder.folder, '..'), encoding: 'int16' })
    for (let i = 0; i < 12; i++) await earlier.recorder.take(windowOf(i))
    await earlier.recorder.flush()
    const [part] = files()
    writeFileSync(join(recorder.folder, part), Uint8Array.of(7), { flag: 'a' })
    writeFileSync(join(recorder.folder, 'empty.wav.part'), '')
    writeFileSync(join(recorder.folder, 'other.part'), 'is not ours')
    chmodSync(join(recorder.folder, 'other.part'), 0o600)
    await recorder.open()
    expect(log).toEqual(['recovered pump-20260131T120000.000Z.wav'])
    expect(files()).toEqual(['other.part', 'pump-20260131T120000.000Z.wav'])
    expect(await samplesOf(join(recorder.folder, files()[1]))).toEqual(expected(0, 12))
    await earlier.recorder.close()
  })

  it('loses at most a second and a half of sound when its process is killed', async () => {
    const path = join(folder, `r${count++}`)
    const script = join(PROJECT, 'test/helpers/record-child.ts')
    const child = spawn(process.execPath, ['--import', 'tsx', script, path], { cwd: PROJECT })
    let printed = 0
    child.stdout.on('data', text => {
      printed = Number(String(text).trim().split('\n').at(-1))
    })
    await until(() => printed > 25)
    child.kill('SIGKILL')
    await once(child, 'close')
    const { recorder, log, files } = make({ folder: path })
    await recorder.open()
    expect(log).toEqual([expect.stringMatching(/^recovered pump-.*\.wav$/)])
    const samples = await samplesOf(join(recorder.folder, files()[0]))
    expect(samples.length).toBeGreaterThanOrEqual((printed - 15) * 100)
    expect(samples.length % 100).toBe(0)
  })
})
