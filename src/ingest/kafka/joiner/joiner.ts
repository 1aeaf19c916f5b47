import { sizeOfShape } from '../../frames.ts'
import type { Conversion } from '../../resample.ts'
import type { WindowSpec } from '../../source.ts'
import { type Cut, Windower } from '../../windower.ts'
import { broken, type Continuity, type ContinuityRule, type DropReason, judge, NOTHING } from './continuity.ts'
import { PieceLog } from './piece-log.ts'
import { ChangedRate, type Rate, SAME_RATE } from './rate.ts'

/** A message's sound. */
export interface Chunk {
  readonly samples: Float32Array
  /** Kafka offset; grows from call to call. */
  readonly offset: bigint
  /** Time of its first sample, ms since the epoch. */
  readonly time: number
  /** Number of the message within its key. */
  readonly sequence?: number | undefined
}

export interface JoinedWindow {
  /** Names the continuous stretch of sound: the Kafka offset of its first message. */
  readonly segment: string
  /** Position of the window's first sample in the segment. */
  readonly offset: number
  /** Time of its first sample, ms since the epoch. */
  readonly time: number
  /** A fresh array, owned by the receiver. */
  readonly data: Float32Array
  /** Kafka offsets of the first and the last message that it draws on. */
  readonly messages: { readonly first: bigint; readonly last: bigint }
}

export interface Joined {
  readonly cuts: readonly JoinedWindow[]
  /** Why the sound broke off before this message, and the windows begin anew with it. */
  readonly gap?: string | undefined
  /** Why the message was left out. */
  readonly dropped?: DropReason
}

/** What a joiner needs to go on at a committed offset: short and plain JSON. */
export type ResumePoint = Continuity

export interface JoinerOptions {
  readonly gap_seconds: number
  readonly idle_seconds: number
}

/** Messages at another rate than the windows: `conversion` gives the windows' rate. */
export interface MessageRate {
  readonly sampleRate: number
  readonly conversion: Conversion
}

/**
 * Joins the messages of one key to continuous sound and cuts it into windows. A stretch without a gap is a segment; windows lie at 0, hop,
 * 2 hop, … of their segment, however it is cut into messages.
 *
 * Restarts: the offset W that a consumer commits must not lie beyond `parkedFrom` nor beyond `messages.first` of a window whose outcome
 * is not durable. A joiner made by `resume` from `resumePointAt(W)` and given the messages from W on gives every window that begins in
 * them, with the same segment, offset, time and data, bit for bit.
 *
 * Messages at another rate than the windows are resampled: positions and W then heed what the filter draws on.
 *
 * Holds one window of samples (and the input of a block, where it resamples), and a record for each message from the last W on.
 */
export class AudioJoiner {
  readonly #rule: ContinuityRule
  readonly #rate: Rate
  readonly #windower: Windower
  readonly #log = new PieceLog()
  #state: Continuity = NOTHING
  /** Where in the segment the next window begins. */
  #next = 0

  /** @param rate of the messages, where it is not that of the windows */
  constructor(spec: WindowSpec, options: JoinerOptions, rate?: MessageRate) {
    const sampleRate = rate?.sampleRate ?? spec.sampleRate
    if (sampleRate === null) throw new RangeError('AudioJoiner: the model takes no sound')
    this.#rule = { sampleRate, gap: options.gap_seconds * 1000, idle: options.idle_seconds * 1000 }
    this.#rate = rate ? new ChangedRate(rate.conversion, sampleRate) : SAME_RATE
    this.#windower = new Windower({ size: sizeOfShape(spec.shape), hop: spec.hop })
  }

  /** A joiner that stands where another one stood before the message at a committed offset. */
  static resume(spec: WindowSpec, options: JoinerOptions, point: ResumePoint, rate?: MessageRate): AudioJoiner {
    const joiner = new AudioJoiner(spec, options, rate)
    joiner.#state = point
    joiner.#begin(point.position)
    return joiner
  }

  push({ samples, offset, time: stamp, sequence }: Chunk): Joined {
    const before = this.#state
    const stretch = { offset: String(offset), samples: samples.length, time: stamp, sequence }
    const judgement = judge(before, stretch, this.#rule)
    if (judgement.dropped) return { cuts: [], dropped: judgement.dropped }
    const { after, start, time, gap } = judgement
    if (start === 0) this.#begin(0)
    const segment = after.segment as string
    this.#state = after
    this.#log.add({ offset, segment, start, end: after.position, time, before })
    const cuts = this.#windower.push(this.#rate.push(samples)).map(cut => this.#joined(cut, segment))
    return { cuts, gap }
  }

  /** Messages follow from this sample of the segment on; the windows begin at the next place of their grid. */
  #begin(position: number): void {
    const made = this.#rate.begin(position)
    const { hop } = this.#windower
    this.#next = Math.ceil(made / hop) * hop
    this.#windower.reset(this.#next, this.#next - made)
  }

  #joined({ offset, data }: Cut, segment: string): JoinedWindow {
    const first = this.#log.at(segment, this.#rate.first(offset))
    const last = this.#log.at(segment, this.#rate.last(offset + data.length - 1))
    const place = this.#rate.place(offset)
    const piece = this.#log.at(segment, Math.floor(place))
    this.#next = offset + this.#windower.hop
    return {
      segment,
      offset,
      time: piece.time + ((place - piece.start) / this.#rule.sampleRate) * 1000,
      data,
      messages: { first: first.offset, last: last.offset },
    }
  }

  /** A message of the key that could not be read: the sound breaks off, and the next message begins a segment. */
  lost(): void {
    this.#state = broken(this.#state)
  }

  /**
   * Lets go of what is held for a window that will hardly be completed: the key has said nothing for `idle_seconds`. The message that
   * comes then begins a segment anyway.
   * @param now time that others have reached, ms since the epoch
   * @returns whether anything was let go
   */
  expire(now: number): boolean {
    const { segment, ended } = this.#state
    if (segment === null || ended === null || now - ended <= this.#rule.idle) return false
    this.lost()
    return true
  }

  /** Kafka offset of the earliest message with samples for a window to come; undefined when there is none. */
  get parkedFrom(): bigint | undefined {
    const { segment, position } = this.#state
    const first = this.#rate.first(this.#next)
    return segment !== null && first < position ? this.#log.at(segment, first).offset : undefined
  }

  /** Messages that are remembered. */
  get records(): number {
    return this.#log.length
  }

  /**
   * Where to go on when the messages from `committed` on come again. `committed` never goes back from call to call: records of earlier
   * messages are dropped here. Undefined when there was nothing before.
   */
  resumePointAt(committed: bigint): ResumePoint | undefined {
    const parked = this.parkedFrom
    this.#log.drop(parked === undefined || committed < parked ? committed : parked)
    const point = this.#log.stateAt(committed) ?? this.#state
    return point.ended === null ? undefined : point
  }
}
