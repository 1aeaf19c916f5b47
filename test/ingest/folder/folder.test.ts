import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { checkConfig } from '../../../src/config.ts'
import type { AuscultError } from '../../../src/errors.ts'
import { createSource } from '../../../src/ingest/create-source.ts'
import type { Source, WindowSpec } from '../../../src/ingest/source.ts'
import { type SourceConfig, sourceSchema } from '../../../src/ingest/source-config.ts'
import { encodeWav } from '../../../src/ingest/wav-encode.ts'
import type { Delivery, SourceFailure } from '../../../src/types.ts'
import { Reports } from '../../helpers/reports.ts'
import { PROJECT } from '../../helpers/requires.ts'
import { errorOf, temporaryFolder } from '../../helpers/temporary.ts'
import { until } from '../../helpers/until.ts'

const { folder } = temporaryFolder()
const SPEC: WindowSpec = { shape: [100], sampleRate: 1000, hop: 100 }
const ramp = (n: number) => Float32Array.from({ length: n }, (_, i) => i / 10_000)
const wav = (n: number) => encodeWav(ramp(n), 1000, 'float32')

let count = 0
function dropFolder(): string {
  const path = join(folder, `in${count++}`)
  mkdirSync(path)
  return path
}

function drop(path: string, name: string, content: Uint8Array | string): void {
  mkdirSync(dirname(join(path, name)), { recursive: true })
  writeFileSync(join(path, name), content)
}

const configOf = (path: string, options: object = {}) =>
  checkConfig<SourceConfig>(
    { type: 'folder', path, settle_seconds: 0.05, rescan_seconds: 0.1, ...options },
    sourceSchema,
    'test',
  )

/** A source that is listened to; each window is acknowledged at once unless `hold`. */
class Listener {
  readonly source: Source
  readonly deliveries: Delivery[] = []
  readonly reports = new Reports()
  readonly done: Promise<void>
  readonly #controller = new AbortController()

  constructor(path: string, options: object = {}, { hold = false, spec = SPEC } = {}) {
    this.source = createSource('feed', configOf(path, options), spec)
    this.done = this.#listen(hold)
  }

  async #listen(hold: boolean): Promise<void> {
    for await (const delivery of this.source.deliveries(this.#controller.signal, this.reports)) {
      this.deliveries.push(delivery)
      if (!hold) delivery.ack()
    }
  }

  get failures(): readonly SourceFailure[] {
    return this.reports.failures
  }

  /** Why it is down. */
  get trouble(): string | undefined {
    return this.reports.conditions.get('down')
  }

  get ids(): string[] {
    return this.deliveries.map(({ window }) => window.id)
  }

  get streams(): string[] {
    return [...new Set(this.deliveries.map(({ window }) => window.stream))]
  }

  async stop(): Promise<void> {
    this.#controller.abort()
    await this.done
  }
}

const listeners: Listener[] = []
function listen(...args: ConstructorParameters<typeof Listener>): Listener {
  const listener = new Listener(...args)
  listeners.push(listener)
  return listener
}
afterEach(async () => {
  await Promise.all(listeners.splice(0).map(listener => listener.stop()))
})

const pause = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))

describe('FolderSource', () => {
  it('plays files as they come, each cut into windows of its own', async () => {
    const path = dropFolder()
    drop(path, 'first.wav', wav(250))
    const feed = listen(path)
    await until(() => feed.deliveries.length === 2)
    drop(path, 'sub/second.wav', wav(100))
    await until(() => feed.deliveries.length === 3)
    const { window } = feed.deliveries[1]
    const mtime = Math.round(statSync(join(path, 'first.wav')).mtimeMs)
    expect(window).toMatchObject({
      source: 'feed',
      stream: 'first.wav',
      offset: 100,
      index: 1,
      id: `feed/first.wav/${mtime}/100`,
    })
    expect(window.data).toEqual(ramp(250).slice(100, 200))
    expect(feed.streams).toEqual(['first.wav', 'sub/second.wav'])
    expect(feed.trouble).toBeUndefined()
  })

  it('waits for a file that is still written, and takes one that is renamed into place', async () => {
    const path = dropFolder()
    const feed = listen(path, { settle_seconds: 0.8 })
    const bytes = wav(300)
    drop(path, 'growing.wav', bytes.subarray(0, 400))
    drop(path, 'uploading.wav.part', bytes)
    drop(path, '.hidden.wav', bytes)
    for (let at = 400; at < bytes.length; at += 200) {
      await pause(100)
      appendFileSync(join(path, 'growing.wav'), bytes.subarray(at, at + 200))
      expect(feed.deliveries).toEqual([])
    }
    await until(() => feed.deliveries.length === 3)
    renameSync(join(path, 'uploading.wav.part'), join(path, 'uploaded.wav'))
    await until(() => feed.deliveries.length === 6)
    expect(feed.streams).toEqual(['growing.wav', 'uploaded.wav'])
    expect(feed.failures).toEqual([])
  })

  it('stamps windows by the last change of the file, and never goes back in time', async () => {
    const path = dropFolder()
    for (const [name, seconds] of [
      ['a.wav', 1000],
      ['b.wav', 1000.1],
      ['c.wav', 2000],
    ] as const) {
      drop(path, name, wav(300))
      utimesSync(join(path, name), seconds, seconds)
    }
    const feed = listen(path)
    await until(() => feed.deliveries.length === 9)
    const times = feed.deliveries.map(({ window }) => window.time)
    expect(times.slice(0, 3)).toEqual([999_700, 999_800, 999_900])
    expect(times.slice(3, 6)).toEqual([1_000_000, 1_000_100, 1_000_200])
    expect(times[6]).toBe(1_999_700)
  })

  it('takes a file again after a restart unless its last window was acknowledged', async () => {
    const path = dropFolder()
    drop(path, 'a.wav', wav(200))
    drop(path, 'b.wav', wav(300))
    const first = listen(path, {}, { hold: true })
    await until(() => first.deliveries.length === 5)
    // Everything of a, in another order, and all but one of b.
    for (const i of [1, 0, 2, 4]) first.deliveries[i].ack()
    await first.stop()
    const second = listen(path)
    await until(() => second.deliveries.length === 3)
    expect(second.ids).toEqual(first.ids.slice(2))
    await second.stop()
    const third = listen(path)
    await pause(300)
    expect(third.deliveries).toEqual([])
  })

  it('loses and repeats no whole file when its process is killed', async () => {
    const path = dropFolder()
    for (const [i, name] of ['a.wav', 'b.wav', 'c.wav'].entries()) {
      drop(path, name, wav(1000))
      utimesSync(join(path, name), 1000 + i, 1000 + i)
    }
    const script = join(PROJECT, 'test/helpers/folder-child.ts')
    const child = spawn(process.execPath, ['--import', 'tsx', script, path], { cwd: PROJECT })
    let printed = ''
    child.stdout.on('data', text => (printed += text))
    await until(() => printed.split('\n').length > 15)
    child.kill('SIGKILL')
    await once(child, 'close')
    const feed = listen(path)
    await until(() => feed.deliveries.length === 20)
    expect(feed.streams).toEqual(['b.wav', 'c.wav'])
    expect(new Set([...printed.trim().split('\n'), ...feed.ids]).size).toBe(30)
  })

  it('counts acks that come after it was stopped', async () => {
    const path = dropFolder()
    drop(path, 'a.wav', wav(200))
    const first = listen(path, {}, { hold: true })
    await until(() => first.deliveries.length === 2)
    await pause(100)
    await first.stop()
    for (const delivery of first.deliveries) delivery.ack()
    const second = listen(path)
    await pause(300)
    expect(second.deliveries).toEqual([])
  })

  it('does not take a file that was stopped in the middle for taken', async () => {
    const path = dropFolder()
    drop(path, 'a.wav', wav(500))
    const controller = new AbortController()
    const source = createSource('feed', configOf(path), SPEC)
    for await (const { ack } of source.deliveries(controller.signal, new Reports())) {
      ack()
      controller.abort()
    }
    const feed = listen(path)
    await until(() => feed.deliveries.length === 5)
  })

  it('plays a file that was replaced', async () => {
    const path = dropFolder()
    drop(path, 'a.wav', wav(200))
    const feed = listen(path)
    await until(() => feed.deliveries.length === 2)
    await pause(50)
    drop(path, 'a.wav', wav(100))
    await until(() => feed.deliveries.length === 3)
    expect(new Set(feed.ids).size).toBe(3)
  })

  it('counts files that cannot be played once, and remembers them', async () => {
    const path = dropFolder()
    drop(path, 'cut.wav', wav(300).subarray(0, 500))
    drop(path, 'short.wav', wav(50))
    drop(path, 'good.wav', wav(100))
    drop(path, 'notes.md', 'no recording')
    const feed = listen(path, { after: 'delete' })
    await until(() => feed.deliveries.length === 1 && feed.failures.length === 2)
    await pause(300)
    expect(feed.failures.map(({ reason, windows }) => [reason, windows]).sort()).toEqual([
      ['decode', 1],
      ['shape', 1],
    ])
    expect(readdirSync(path).sort()).toEqual(['.auscult-feed.jsonl', 'cut.wav', 'notes.md', 'short.wav'])
    await feed.stop()
    const again = listen(path)
    drop(path, 'cut.wav', wav(200))
    await until(() => again.deliveries.length === 2)
    expect(again.failures).toEqual([])
  })

  it('reports windows with NaN, and still has taken the file', async () => {
    const path = dropFolder()
    const samples = ramp(300)
    samples[150] = Number.NaN
    drop(path, 'nan.wav', encodeWav(samples, 1000, 'float32'))
    const feed = listen(path, { after: 'delete' })
    await until(() => !existsSync(join(path, 'nan.wav')))
    expect([feed.deliveries.length, feed.failures.map(({ reason }) => reason)]).toEqual([2, ['non_finite']])
  })

  it('moves files away, without overwriting and without taking them again', async () => {
    const path = dropFolder()
    const done = join(path, 'done')
    drop(path, 'done/a.wav', wav(100))
    drop(path, 'a.wav', wav(200))
    const feed = listen(path, { after: 'move', move_to: done })
    await until(() => existsSync(join(done, 'a-1.wav')))
    await pause(200)
    expect(feed.deliveries).toHaveLength(2)
    expect(readdirSync(done).sort()).toEqual(['a-1.wav', 'a.wav'])
  })

  it('puts away what was played before a crash', async () => {
    const path = dropFolder()
    drop(path, 'a.wav', wav(100))
    const first = listen(path)
    await until(() => first.deliveries.length === 1)
    await first.stop()
    const second = listen(path, { after: 'delete' })
    await until(() => !existsSync(join(path, 'a.wav')))
    expect(second.deliveries).toEqual([])
  })

  it('is down while its folder is gone, and goes on when it is back', async () => {
    const path = dropFolder()
    drop(path, 'a.wav', wav(100))
    const feed = listen(path, { state_path: join(folder, 'state.jsonl') })
    await until(() => feed.deliveries.length === 1)
    rmSync(path, { recursive: true })
    await until(() => feed.trouble !== undefined)
    expect(feed.trouble).toMatch(/^the folder cannot be read: ENOENT/)
    mkdirSync(path)
    drop(path, 'b.wav', wav(100))
    await until(() => feed.deliveries.length === 2)
    expect(feed.trouble).toBeUndefined()
  })

  it('goes on, and says so, while its state cannot be written', async () => {
    const path = dropFolder()
    const state = join(folder, 'states', 'feed.jsonl')
    mkdirSync(dirname(state))
    const feed = listen(path, { state_path: state }, { hold: true })
    drop(path, 'a.wav', wav(100))
    await until(() => feed.deliveries.length === 1)
    rmSync(dirname(state), { recursive: true })
    feed.deliveries[0].ack()
    expect(feed.trouble).toContain('cannot be written')
    mkdirSync(dirname(state))
    await until(() => existsSync(state))
    expect(readFileSync(state, 'utf8')).toContain('"a.wav"')
    await until(() => feed.trouble === undefined)
  })

  it('plays frames of a declared format', async () => {
    const path = dropFolder()
    drop(path, 'frames.dat', new Uint8Array([1, 2, 3, 4, 5, 6]))
    drop(path, 'table.csv', '7,8\n9,10\n')
    const spec: WindowSpec = { shape: [2], sampleRate: null, hop: 1 }
    const raw = listen(path, { input: { format: 'raw', dtype: 'u8' }, state_path: join(folder, 'raw') }, { spec })
    const csv = listen(path, { state_path: join(folder, 'csv') }, { spec })
    await until(() => csv.deliveries.length === 2 && raw.streams.includes('frames.dat'))
    expect([...csv.deliveries[1].window.data]).toEqual([9, 10])
    expect(raw.deliveries.map(({ window }) => [...window.data])).toContainEqual([3, 4])
  })

  it('refuses a folder that is not there, or a file', async () => {
    for (const [path, message] of [
      [join(folder, 'nowhere'), 'no such folder'],
      [join(folder, 'file'), 'not a folder'],
    ]) {
      writeFileSync(join(folder, 'file'), '')
      const source = createSource('feed', configOf(path), SPEC)
      const error = (await errorOf(() => source.open?.(new AbortController().signal))) as AuscultError
      expect([error.code, error.message, error.at]).toEqual(['AUSCULT_INPUT_MISSING', message, path])
    }
  })

  it('refuses to move files nowhere', () => {
    expect(() => configOf('x', { after: 'move' })).toThrow('move_to: `after: move` needs a folder to move to')
  })
})
