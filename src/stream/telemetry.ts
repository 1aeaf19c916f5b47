import type { AuscultEvent, EpisodeEvent, Score, SourceCondition } from '../types.ts'
import type { Account } from './ledger.ts'

/** A part of the daemon as `/readyz` shows it. `reason` says what is wrong, or how it is right. */
export interface ComponentStatus {
  readonly ok: boolean
  readonly reason: string
}

/** `down` is a running source that can give nothing now, and tries to get it back; `handed_over`: another daemon has it. */
export type SourceState = 'waiting' | 'running' | 'down' | 'handed_over' | 'ended' | 'failed' | 'stopped'

/** How the scores of a source lie to what they were. */
export interface DriftStatus {
  /** Population stability index against the calibration. */
  readonly psi: number
  /** Geometric mean of recent normal scores; undefined before the first minute. */
  readonly level: number | undefined
  /** Which kinds of drift are on, and which way. */
  readonly drifting: Readonly<Partial<Record<'level' | 'distribution', 'up' | 'down' | undefined>>>
  /** Factor of the level that was absorbed; 1: none. */
  readonly factor: number
}

/** A source as it is at this moment. Metrics and HTTP pull these, so that the path of a window does not pay for them. */
export interface SourceStatus {
  readonly name: string
  readonly state: SourceState
  /** Why it failed or is down. */
  readonly reason?: string
  /** Its troubles now, each with what is wrong. */
  readonly conditions: Readonly<Partial<Record<SourceCondition, string>>>
  /** How often data were missing or out of order, and the windower began anew. */
  readonly gaps: number
  /** Windows of an earlier time than one that came before. */
  readonly late: number
  /** How often what feeds it was started anew. */
  readonly restarts: number
  /** When the latest window came, ms since the epoch; undefined before the first. */
  readonly lastWindowAt?: number
  /** Items that wait at the origin; undefined where there is no such number. */
  readonly lag: number | undefined
  readonly account: Account
  /** Windows that wait to be scored. */
  readonly queued: number
  readonly threshold: number
  /** Undefined before the first score. */
  readonly score: number | undefined
  readonly suppressed: number
  /** Episodes opened since start. */
  readonly episodes: number
  readonly episodeOpen: boolean
  /** Whether the open episode is muted, and how many were since start. */
  readonly muted?: boolean
  readonly mutedEpisodes?: number
  readonly drift?: DriftStatus
}

/**
 * The way of a window: it waits until its batch is submitted, the batch is scored, then judged; what it made of events becomes durable and is
 * delivered to the sinks.
 */
export const STAGES = ['wait', 'score', 'decide', 'store', 'deliver'] as const

export type Stage = (typeof STAGES)[number]

/** What the pipeline measures as it goes: distributions, which cannot be pulled. */
export interface Telemetry {
  /** A score in units of its threshold. */
  scoreRatio(ratio: number): void
  /** Begins each batch that was scored. @param seconds that the model took */
  batch(windows: number, seconds: number): void
  /** @param waited seconds from the arrival of a window until its batch was submitted @param latency and until it was scored */
  window(waited: number, latency: number): void
  /** So many windows or events spent so long in a stage. */
  stage(stage: Exclude<Stage, 'wait'>, seconds: number, count: number): void
}

/** Where scores are kept. A window is acknowledged after its score is there. */
export interface ScoreLog {
  /** Resolves when the scores are durable; tries until then. @throws when it is stopped before they are */
  write(scores: readonly Score[]): Promise<void>
}

/** Someone who wants to know. Calls must be quick and must not throw. */
export interface Sink {
  /** Whether `score` does anything now: while nobody listens, nothing is made for it. */
  readonly wantsScores: boolean
  score(score: Score): void
  /** Called after the event is durable, in the order of its number in the store. */
  event(event: AuscultEvent, seq: number): void
}

/**
 * Someone who looks at every scored window, and adds what it knows to the episodes. Called on the path of each window: calls are quick
 * and never throw. All calls for one source come in the order of its windows.
 */
export interface Analyst {
  /**
   * A scored window, before its episode events are made.
   * @param window `[window size]`; another's memory, valid during the call only
   * @returns events of its own
   */
  observe(score: Score, window: Float32Array): readonly AuscultEvent[]
  /** The event with what this analyst knows of its episode. Called for every episode event before it is stored, in order of the analysts. */
  complete(event: EpisodeEvent): EpisodeEvent
  /** What is to be stored with the events at hand, in one transaction: values of JSON by key. Called when there are events. */
  state?(): Readonly<Record<string, unknown>>
}
