import { MemorySource } from '../../../src/ingest/memory.ts'
import type { WindowSpec } from '../../../src/ingest/source.ts'
import { seeded } from '../../../src/random.ts'
import { hum, RATE } from './bundle.ts'
import { Pacer } from './pacer.ts'

export const CHUNK_MS = 100
const CHUNK = (RATE * CHUNK_MS) / 1000
/** Seconds of sound that all feeds play round and round, each from a place of its own. */
const LOOP_SECONDS = 60
/** A fault is a tone; it sounds in every second block of this many seconds. */
const FAULT_SECONDS = 5

export interface RecordersOptions {
  readonly feeds: number
  /** Of these, how many come down with a fault now and then. */
  readonly faulty: number
  readonly overflow?: 'pause' | 'drop-oldest'
}

/**
 * So many microphones that deliver 16-bit samples, 100 ms at a time, at the pace of the clock. They share their sound, so that what
 * they cost is what a daemon pays for a feed: a conversion to float32, and cutting windows.
 */
export class Recorders {
  readonly sources: readonly MemorySource[]
  readonly pacer: Pacer
  /** Chunks that each feed has delivered. */
  readonly chunks: Uint32Array
  readonly #offsets: Float64Array
  readonly #samples = new Float32Array(CHUNK)

  constructor(spec: WindowSpec, { feeds, faulty, overflow = 'drop-oldest' }: RecordersOptions) {
    const random = seeded(7)
    const [healthy, broken] = [pcm(false), pcm(true)]
    const offsets = Float64Array.from({ length: feeds }, () => random.uniform() * 1000)
    const places = Uint32Array.from(offsets, () => Math.floor(random.uniform() * LOOP_SECONDS) * RATE)
    this.#offsets = offsets
    this.chunks = new Uint32Array(feeds)
    this.sources = Array.from(offsets, (start, i) => new MemorySource(`mic-${i}`, spec, { overflow, start }))
    this.pacer = new Pacer(offsets, CHUNK_MS, feed => {
      const at = (places[feed] + this.chunks[feed]++ * CHUNK) % healthy.length
      const sound = feed < faulty ? broken : healthy
      for (let i = 0; i < CHUNK; i++) this.#samples[i] = sound[at + i] / 32768
      this.sources[feed].push(this.#samples)
    })
  }

  /** Part of a core that the timers and the order of the chunks take, when nothing is delivered. */
  async pacingAlone(seconds = 2): Promise<number> {
    const pacer = new Pacer(this.#offsets, CHUNK_MS, () => {})
    const before = process.cpuUsage()
    pacer.start()
    await new Promise(resolve => setTimeout(resolve, seconds * 1000))
    pacer.stop()
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1e6 / seconds
  }

  /** Windows that have been cut so far, one of 1 s every `hop` seconds. */
  windows(hop: number): number {
    return this.chunks.reduce((sum, chunks) => {
      const seconds = (chunks * CHUNK_MS) / 1000
      return sum + (seconds < 1 ? 0 : Math.floor((seconds - 1) / hop + 1e-9) + 1)
    }, 0)
  }

  /** When the sample at `time` (ms, as windows and events tell it) was captured, on the clock of `performance.now()`. */
  capturedAt(time: number): number {
    return this.pacer.epoch + time
  }
}

function pcm(faulty: boolean): Int16Array {
  const sound = hum(LOOP_SECONDS * RATE, 99)
  return Int16Array.from(sound, (x, i) => {
    const broken = faulty && Math.floor(i / RATE / FAULT_SECONDS) % 2 === 1
    return Math.round(32767 * (x + (broken ? 0.2 * Math.sin(1.3 * i) : 0)))
  })
}
