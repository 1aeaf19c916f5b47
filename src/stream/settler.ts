import type { AuscultEvent, Delivery, Score } from '../types.ts'
import type { Item, Lane } from './lane.ts'
import type { Ledger } from './ledger.ts'
import type { LossLog } from './loss-log.ts'
import type { Publisher } from './publisher.ts'
import type { BatchResult } from './scorer-slot.ts'
import type { Analyst, Sink, Telemetry } from './telemetry.ts'

export interface SettlerOptions {
  /** Seconds that a window spans; 0 for detector frames. */
  readonly duration: number
  readonly publisher: Pick<Publisher, 'publish' | 'keepsScores'>
  readonly ledger: Ledger
  readonly losses: LossLog
  readonly analysts: readonly Analyst[]
  readonly sinks: readonly Sink[]
  readonly telemetry: Telemetry
}

type Scored = Extract<BatchResult, { ok: true }>

/** Says what became of each window of a batch: counted, judged, looked at by the analysts, handed to the publisher. */
export class Settler {
  readonly #options: SettlerOptions

  constructor(options: SettlerOptions) {
    this.#options = options
  }

  /**
   * @param windows `[items × window size]`; undefined when they are lost with the thread that had them
   * @param submittedAt `performance.now()` when they went to be scored
   */
  settle(items: readonly Item[], result: BatchResult, windows: Float32Array | undefined, submittedAt: number): void {
    if (result.ok) this.#decide(items, result, windows ?? new Float32Array(0), submittedAt)
    else this.fail(items, result.reason, result.error)
  }

  fail(items: readonly Item[], reason: string, error: unknown): void {
    for (const { lane, delivery } of items) {
      this.#options.ledger.failed(lane.name, reason)
      this.#options.losses.failed(lane.name, reason, 1, delivery.window.id, error)
      delivery.ack()
    }
  }

  #decide(items: readonly Item[], result: Scored, windows: Float32Array, submittedAt: number): void {
    const { telemetry, sinks, publisher } = this.#options
    const events: AuscultEvent[] = []
    const wanted = sinks.filter(sink => sink.wantsScores)
    const scoredAt = performance.now()
    let scored = 0
    const decided: Delivery[] = []
    const logged: Score[] = []
    const size = windows.length / items.length
    telemetry.batch(items.length, result.seconds)
    items.forEach((item, i) => {
      if (!Number.isFinite(result.scores.scores[i])) {
        this.fail([item], 'non_finite', 'the window, or its score, is not finite')
        return
      }
      const score = this.#judge(item, i, result, windows.subarray(i * size, (i + 1) * size), events)
      if (publisher.keepsScores) logged.push(score)
      hold(item.lane, item.delivery, decided)
      scored++
      telemetry.window((submittedAt - item.receivedAt) / 1000, (scoredAt - item.receivedAt) / 1000)
      for (const sink of wanted) sink.score(score)
    })
    if (scored > 0) {
      telemetry.stage('score', (scoredAt - submittedAt) / 1000, scored)
      telemetry.stage('decide', (performance.now() - scoredAt) / 1000, scored)
    }
    publisher.publish(events, logged, decided)
  }

  #judge({ lane, delivery }: Item, i: number, { scores }: Scored, window: Float32Array, events: AuscultEvent[]): Score {
    const { analysts, duration, ledger, telemetry } = this.#options
    const { id, index, stream, offset, time } = delivery.window
    const latent = scores.latents.subarray(i * scores.latentSize, (i + 1) * scores.latentSize)
    const late = time < lane.newest
    const raw = { source: lane.name, id, index, stream, offset, time, duration, score: scores.scores[i], late, latent }
    const judged = lane.judge.push(raw)
    lane.scored(judged)
    ledger.scored(lane.name)
    telemetry.scoreRatio(judged.score.score / judged.score.threshold)
    for (const analyst of analysts) events.push(...analyst.observe(judged.score, window))
    events.push(...judged.events)
    return judged.score
  }
}

/** Adds what can be acknowledged to `decided`: this window and those before it, or nothing while the detector waits. */
function hold(lane: Lane, delivery: Delivery, decided: Delivery[]): void {
  if (lane.tap.feed.resumable && lane.judge.undecided) {
    lane.held.push(delivery)
    delivery.hold?.()
    return
  }
  decided.push(...lane.held, delivery)
  lane.held = []
}
