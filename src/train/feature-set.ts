import { AuscultError } from '../errors.ts'
import { type Cropping, croppingOf } from '../model/frontends/crop.ts'
import type { FrontEnd } from '../model/frontends/frontend.ts'
import { sizeOf } from '../model/frontends/frontend.ts'
import { applyNormalization, type Normalization } from '../model/normalizer.ts'
import { type Random, seeded } from '../random.ts'
import { LengthGroups } from './length-groups.ts'
import type { ScannedRecording } from './scan.ts'
import type { Portion } from './split.ts'
import { readWindows, type WindowFormat } from './windows.ts'

/** A batch of items, normalised. Read it before asking for the next: the memory is used again. */
export interface Batch {
  /** `[n × feature size]`; where `frames` is given, `[n × frames × bins]`. */
  items: Float32Array
  n: number
  /** Class of each item by its index, `[n]`; absent without classes. */
  labels?: Float32Array
  /** Frames that items are cut to; all that is cut off is padding. Absent: nothing is cut. */
  frames?: number
}

export interface BatchOptions {
  shuffle?: { seed: number; epoch: number }
  dropRemainder?: boolean
  times?: ArrayLike<number>
}

/**
 * One window as model input: `[items × feature size]`, or the image that items are crops of; normalised. The memory is used again for
 * the next.
 */
export interface WindowFeatures {
  path: string
  offset: number
  features: Float32Array
}

interface Buffered {
  buffer: Float32Array
  windows: readonly number[]
  order: readonly number[]
}

/** Pieces that a set larger than memory is cut into, so that a buffer full of it comes from many places. */
const PIECES_PER_BUFFER = 16

/** Tell the streams of random crops and of batches of one length from that of the shuffle. */
const CROPS = 1
const LENGTHS = 2

/**
 * One part of the split as model input. Its features are kept in memory where they fit; otherwise files are read again in every
 * pass, a buffer at a time: pieces of files in random order fill the buffer, whose items are shuffled.
 */
export class FeatureSet {
  readonly windows: number
  readonly items: number
  readonly itemSize: number
  readonly #portions: readonly Portion[]
  readonly #recordings: ReadonlyMap<string, ScannedRecording>
  readonly #frontEnd: FrontEnd
  /** Computes what is kept of a window: its items, or the image that they are crops of. */
  readonly #kept: FrontEnd
  readonly #cropping: Cropping | undefined
  readonly #format: WindowFormat
  readonly #bufferWindows: number
  /** Class of each window, `[windows]`. */
  readonly #labels: Float32Array | undefined
  readonly #cutPadding: boolean
  /** Frames of each window before its padding, `[windows]`, where padding is masked. */
  readonly #realFrames: Uint32Array | undefined
  #normalization: Normalization | undefined
  #buffer: Float32Array | undefined
  #loaded = false

  constructor(options: {
    portions: readonly Portion[]
    recordings: ReadonlyMap<string, ScannedRecording>
    frontEnd: FrontEnd
    format: WindowFormat
    /** Memory for features, bytes; one window is held whatever it says. */
    memoryBytes: number
    /** Index of a recording's class. */
    classOf?: (path: string) => number
    /** Batches hold items of about the same length and are cut to it, where the front end masks padding. */
    cutPadding?: boolean
  }) {
    this.#portions = options.portions
    this.#recordings = options.recordings
    this.#frontEnd = options.frontEnd
    this.#kept = options.frontEnd.uncropped ?? options.frontEnd
    this.#cropping = croppingOf(options.frontEnd)
    this.#format = options.format
    this.windows = options.portions.reduce((sum, { from, to }) => sum + to - from, 0)
    this.items = this.windows * options.frontEnd.items
    this.itemSize = sizeOf(options.frontEnd.featureShape)
    const fitting = Math.floor(options.memoryBytes / (4 * this.#windowSize))
    this.#bufferWindows = Math.max(1, Math.min(this.windows, fitting))
    const { classOf, frontEnd, portions } = options
    const labels = classOf && portions.flatMap(({ path, from, to }) => Array<number>(to - from).fill(classOf(path)))
    this.#labels = labels && Float32Array.from(labels)
    this.#realFrames = frontEnd.realFrames && new Uint32Array(this.windows)
    this.#cutPadding = options.cutPadding ?? false
  }

  get fits(): boolean {
    return this.#bufferWindows >= this.windows
  }

  /** Values of a frame, where padding is masked. */
  get #bins(): number {
    return this.itemSize / this.#frontEnd.featureShape[0]
  }

  get #windowSize(): number {
    return this.#kept.items * sizeOf(this.#kept.featureShape)
  }

  /**
   * Reads everything once, so that bad input is found before training begins, and keeps it where it fits.
   * @param visit sees the features of each window before normalisation, without the frames of masked padding
   */
  async load(visit: (features: Float32Array) => void, onWindow: () => void = () => {}): Promise<void> {
    const buffer = this.#memory()
    const scratch = new Float32Array(this.fits ? 0 : this.#windowSize)
    let window = 0
    for (const portion of this.#portions) {
      for await (const { data } of this.#read(portion)) {
        const at = window * this.#windowSize
        const features = this.fits ? buffer.subarray(at, at + this.#windowSize) : scratch
        this.#transform(data, features, portion.path)
        if (this.#realFrames) this.#realFrames[window] = this.#frontEnd.realFrames!(data)
        visit(this.#realFrames ? features.subarray(0, this.#realFrames[window] * this.#bins) : features)
        onWindow()
        window++
      }
    }
    this.#loaded = this.fits
  }

  /** Call once, after `load`. */
  normalize(normalization: Normalization): void {
    this.#normalization = normalization
    if (!this.#loaded) return
    applyNormalization(this.#buffer!, normalization.offset, normalization.scale)
    for (const [window, real] of this.#realFrames?.entries() ?? []) {
      this.#buffer!.fill(0, window * this.#windowSize + real * this.#bins, (window + 1) * this.#windowSize)
    }
  }

  /**
   * All items once, in the order of the files, or shuffled by (seed, epoch). Shuffled crops come from random places of their windows.
   * Where padding is cut, items of about the same length come together, in either order: call it after `load`.
   * @param options.dropRemainder leaves out the last, smaller batch
   * @param options.times how often each window is taken, `[windows]`; absent: once
   */
  async *batches(size: number, options: BatchOptions = {}): AsyncGenerator<Batch> {
    if (this.#realFrames && this.#cutPadding) {
      yield* this.#cutBatches(this.#realFrames, size, options)
      return
    }
    const batch = new Float32Array(size * this.itemSize)
    const labels = this.#labels && new Float32Array(size)
    const of = (n: number): Batch => ({
      items: n === size ? batch : batch.subarray(0, n * this.itemSize),
      n,
      ...(labels && { labels: labels.subarray(0, n) }),
    })
    let n = 0
    const { shuffle } = options
    const random = shuffle && this.#cropping && seeded(shuffle.seed, shuffle.epoch, CROPS)
    for await (const { buffer, windows, order } of this.#buffers(options)) {
      for (const item of order) {
        const start = this.#startOf(item, random)
        batch.set(buffer.subarray(start, start + this.itemSize), n * this.itemSize)
        if (labels) labels[n] = this.#labels![windows[Math.floor(item / this.#frontEnd.items)]]
        if (++n === size) {
          yield of(n)
          n = 0
        }
      }
    }
    if (n > 0 && !options.dropRemainder) yield of(n)
  }

  /** A front end that masks padding gives one item for each window. */
  async *#cutBatches(realFrames: Uint32Array, size: number, options: BatchOptions): AsyncGenerator<Batch> {
    const { shuffle, dropRemainder } = options
    const [frames] = this.#frontEnd.featureShape
    const groups = new LengthGroups(size, { frames, bins: this.#bins, labelled: this.#labels !== undefined })
    for await (const { buffer, windows, order } of this.#buffers(options)) {
      for (const item of order) {
        const features = buffer.subarray(item * this.itemSize, (item + 1) * this.itemSize)
        const batch = groups.add(features, realFrames[windows[item]], this.#labels?.[windows[item]] ?? 0)
        if (batch) yield batch
      }
    }
    yield* groups.rest({ dropRemainder, random: shuffle && seeded(shuffle.seed, shuffle.epoch, LENGTHS) })
  }

  /** Each window in the order of the files. */
  async *eachWindow(): AsyncGenerator<WindowFeatures> {
    let window = 0
    const scratch = new Float32Array(this.#windowSize)
    for (const portion of this.#portions) {
      if (this.#loaded) {
        const { offsets } = this.#recordings.get(portion.path)!
        for (let i = portion.from; i < portion.to; i++, window++) {
          const features = this.#buffer!.subarray(window * this.#windowSize, (window + 1) * this.#windowSize)
          yield { path: portion.path, offset: offsets[i], features }
        }
        continue
      }
      for await (const { data, offset } of this.#read(portion)) {
        this.#transform(data, scratch, portion.path)
        yield { path: portion.path, offset, features: scratch }
      }
    }
  }

  /** Buffers of features: the index in the set of each window in it, and the order in which to take their items. */
  async *#buffers({ shuffle, times }: BatchOptions): AsyncGenerator<Buffered> {
    const random = shuffle && seeded(shuffle.seed, shuffle.epoch)
    /** @param windows by their index in the set, as they lie in the buffer */
    const ordered = (windows: readonly number[]) => {
      const { items } = this.#frontEnd
      const order = windows.flatMap((window, at) =>
        Array.from({ length: items * (times?.[window] ?? 1) }, (_, i) => at * items + (i % items)),
      )
      return random ? random.shuffle(order) : order
    }
    const buffer = this.#memory()
    if (this.#loaded) {
      const windows = Array.from({ length: this.windows }, (_, window) => window)
      yield { buffer, windows, order: ordered(windows) }
      return
    }
    let held: number[] = []
    for (const piece of random ? random.shuffle(this.#pieces()) : this.#pieces()) {
      let window = piece.first
      for await (const { data } of this.#read(piece)) {
        const features = buffer.subarray(held.length * this.#windowSize, (held.length + 1) * this.#windowSize)
        this.#transform(data, features, piece.path)
        held.push(window++)
        if (held.length === this.#bufferWindows) {
          yield { buffer, windows: held, order: ordered(held) }
          held = []
        }
      }
    }
    if (held.length > 0) yield { buffer, windows: held, order: ordered(held) }
  }

  /** Where an item begins in the buffer. */
  #startOf(item: number, random: Random | undefined): number {
    if (!this.#cropping) return item * this.itemSize
    const { starts, room, bins } = this.#cropping
    const frame = random ? random.integer(room + 1) : starts[item % starts.length]
    return Math.floor(item / starts.length) * this.#windowSize + frame * bins
  }

  /** `first` is the index in the set of its first window. */
  #pieces(): (Portion & { first: number })[] {
    const most = Math.max(1, Math.floor(this.#bufferWindows / PIECES_PER_BUFFER))
    let windows = 0
    return this.#portions.flatMap(({ path, from, to }) => {
      const before = windows
      windows += to - from
      return Array.from({ length: Math.ceil((to - from) / most) }, (_, i) => ({
        path,
        from: from + i * most,
        to: Math.min(to, from + (i + 1) * most),
        first: before + i * most,
      }))
    })
  }

  #read(portion: Portion) {
    return readWindows(this.#recordings.get(portion.path)!, portion, this.#format)
  }

  /** Features of a window, normalised once the normalisation is known. */
  #transform(window: Float32Array, out: Float32Array, path: string): void {
    try {
      this.#kept.transform(window, out)
    } catch (error) {
      if (!(error instanceof AuscultError)) throw error
      throw new AuscultError(error.code, error.message, { at: path, remedy: error.remedy, cause: error })
    }
    if (!this.#normalization) return
    applyNormalization(out, this.#normalization.offset, this.#normalization.scale)
    const real = this.#frontEnd.realFrames?.(window)
    if (real !== undefined) out.fill(0, real * this.#bins)
  }

  #memory(): Float32Array {
    this.#buffer ??= new Float32Array(this.#bufferWindows * this.#windowSize)
    return this.#buffer
  }
}
