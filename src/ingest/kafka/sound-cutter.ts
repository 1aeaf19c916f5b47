import type { WindowSpec } from '../source.ts'
import type { Cut, Cutter, ReadMessage } from './cutter.ts'
import { AudioJoiner, type MessageRate } from './joiner/joiner.ts'
import { createChunkDecoder } from './payload/chunks.ts'
import type { PayloadConfig } from './payload/config.ts'
import { readResumePoints, writeResumePoints } from './resume-points.ts'

const DROPPED = {
  duplicate: 'the message came before',
  out_of_order: 'the message is older than one that came before',
}

/** Chunks of sound: those of a key are joined, and windows cut across them. */
export class SoundCutter implements Cutter {
  readonly #place: string
  readonly #payload: PayloadConfig
  readonly #spec: WindowSpec
  readonly #rate: MessageRate | undefined
  readonly #decode: ReturnType<typeof createChunkDecoder>
  readonly #joiners = new Map<string | undefined, AudioJoiner>()
  /** Keys may have been left out of what the last owner of the partition wrote down. */
  readonly #incomplete: boolean
  /** Latest end of a message, ms since the epoch. */
  #newest = Number.NEGATIVE_INFINITY

  /**
   * @param place topic and partition
   * @param metadata what was written beside the offset that is read first
   * @param rate of the messages, where it is not that of the windows
   */
  constructor(place: string, payload: PayloadConfig, spec: WindowSpec, metadata: string | null, rate?: MessageRate) {
    this.#place = place
    this.#payload = payload
    this.#spec = spec
    this.#rate = rate
    this.#decode = createChunkDecoder(payload, spec)
    const { points, complete } = readResumePoints(metadata)
    for (const [key, point] of points) this.#joiners.set(key, AudioJoiner.resume(spec, payload, point, rate))
    this.#incomplete = !complete
  }

  cut(message: ReadMessage): Cut {
    const { key, offset } = message
    const { samples, time = Date.now(), sequence } = this.#decode(message)
    const known = this.#joiners.get(key)
    const joiner = known ?? new AudioJoiner(this.#spec, this.#payload, this.#rate)
    if (!known) this.#joiners.set(key, joiner)
    this.#newest = Math.max(this.#newest, time)
    const { cuts, gap, dropped } = joiner.push({ samples, offset: BigInt(offset), time, sequence })
    const lost = !known && this.#incomplete ? 'what came before a restart is not known' : undefined
    return {
      windows: cuts.map(cut => ({
        stream: `${this.#place}/${cut.segment}`,
        offset: cut.offset,
        part: '',
        time: cut.time,
        data: cut.data,
        first: Number(cut.messages.first),
      })),
      gap: gap ?? lost,
      dropped: dropped && { reason: dropped, message: DROPPED[dropped] },
    }
  }

  lost(key: string | undefined): (string | undefined)[] {
    this.#joiners.get(key)?.lost()
    return [key]
  }

  lostOfAny(): (string | undefined)[] {
    return [...this.#joiners.keys()].flatMap(key => this.lost(key))
  }

  parked(key: string | undefined): number | undefined {
    const from = this.#joiners.get(key)?.parkedFrom
    return from === undefined ? undefined : Number(from)
  }

  expire(): (string | undefined)[] {
    return [...this.#joiners].filter(([, joiner]) => joiner.expire(this.#newest)).map(([key]) => key)
  }

  metadata(committed: number, room: number): string | null {
    const points = [...this.#joiners].map(([key, joiner]) => [key, joiner.resumePointAt(BigInt(committed))] as const)
    return writeResumePoints(points, room)
  }
}
