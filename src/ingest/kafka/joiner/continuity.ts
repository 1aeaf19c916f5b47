/** Where a key's sound stands before its next message. Plain JSON, a resume point is one of these. */
export interface Continuity {
  /** Kafka offset of the first message of the segment; null: the next message begins one. */
  readonly segment: string | null
  /** Samples of the segment so far, at the rate of the messages. */
  readonly position: number
  /** Time at which the sound so far ended, ms since the epoch; null before the first message. */
  readonly ended: number | null
  /** Number of the last message that was joined. */
  readonly sequence: number | null
  /** Number of the first message of the segment. */
  readonly first: number | null
}

export const NOTHING: Continuity = { segment: null, position: 0, ended: null, sequence: null, first: null }

/** What the continuity of sound is judged by. Times in ms. */
export interface ContinuityRule {
  /** Of the messages. */
  readonly sampleRate: number
  /** Without numbers: how far a message's time may be from where the sound before it ended. */
  readonly gap: number
  /** Silence of a key after which it begins anew, numbers or not. */
  readonly idle: number
}

export interface Stretch {
  /** Kafka offset, in decimal. */
  readonly offset: string
  readonly samples: number
  /** Stamp of its first sample, ms since the epoch. */
  readonly time: number
  readonly sequence?: number | undefined
}

export type DropReason = 'duplicate' | 'out_of_order'

export type Judgement =
  | { readonly dropped: DropReason }
  | {
      readonly dropped?: undefined
      readonly after: Continuity
      /** Position of the message's first sample in its segment: 0 when it begins one. */
      readonly start: number
      /** Time of the message's first sample, smoothed. */
      readonly time: number
      /** Why the message begins a segment though there was sound before. */
      readonly gap: string | undefined
    }

/** The time of joined sound follows the stamps this slowly, so that their jitter does not show. ms */
const FOLLOW = 10_000

/**
 * Judges whether a message continues the sound before it. By its number where it has one: the next number continues, a greater one is a
 * gap, one that was seen is dropped; a lower one behind a gap in time means that the producer counts from the beginning again. Else
 * by its stamp. The stamps are when a producer sent, and its clock is not ours: the time of the sound follows them slowly, so that
 * neither jitter within `gap` nor drift makes a gap.
 */
export function judge(before: Continuity, next: Stretch, rule: ContinuityRule): Judgement {
  const error = before.ended === null ? 0 : next.time - before.ended
  let gap = gapInTime(error, next.sequence === undefined || before.sequence === null ? rule.gap : rule.idle)
  if (next.sequence !== undefined && before.sequence !== null) {
    const step = next.sequence - before.sequence
    if (step <= 0 && error <= rule.gap) {
      return { dropped: before.first !== null && next.sequence >= before.first ? 'duplicate' : 'out_of_order' }
    }
    if (step <= 0) gap = `the numbers begin again at ${next.sequence}`
    else if (step > 1) gap = `${step - 1} messages are missing before number ${next.sequence}`
    else if (error < 0) gap = undefined
  }
  if (before.segment === null && before.ended !== null) gap ??= 'sound before it is missing'
  const begins = before.segment === null || gap !== undefined
  const span = (next.samples / rule.sampleRate) * 1000
  const follow = begins || Math.abs(error) > rule.gap ? 1 : Math.min(1, span / FOLLOW)
  const time = begins || before.ended === null ? next.time : toMicroseconds(before.ended + follow * error)
  const start = begins ? 0 : before.position
  const after = {
    segment: begins ? next.offset : before.segment,
    position: start + next.samples,
    ended: toMicroseconds(time + span),
    sequence: next.sequence ?? before.sequence,
    first: begins ? (next.sequence ?? null) : before.first,
  }
  return { after, start, time, gap }
}

/** Sound breaks off here: the next message begins a segment. */
export const broken = (state: Continuity): Continuity => ({ ...state, segment: null, position: 0, first: null })

function gapInTime(error: number, limit: number): string | undefined {
  if (Math.abs(error) <= limit) return undefined
  const seconds = (Math.abs(error) / 1000).toFixed(3)
  return error > 0 ? `${seconds} s are missing` : `the time goes back by ${seconds} s`
}

/** Keeps resume points short. */
const toMicroseconds = (ms: number): number => Math.round(ms * 1000) / 1000
