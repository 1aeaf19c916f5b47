import type { Clock } from '../../clock.ts'
import { AuscultError, messageOf } from '../../errors.ts'
import { Retry, type RetryPolicy } from '../../retry.ts'
import type { SourceReports } from '../../types.ts'
import { SignalMonitor } from '../signal/signal-monitor.ts'
import type { MicrophoneSourceConfig } from './config.ts'
import { findRecorder } from './find-recorder.ts'
import { Session, type SoundSpec } from './session.ts'

/** A recorder that gave sound for so long worked: waits begin anew, ms. */
const STEADY = 10_000
/** Waits before a recorder that is not installed is looked for again, ms. */
const SEARCH = { firstMs: 1000, lastMs: 10_000 }

export interface SupervisorOptions {
  readonly source: string
  readonly config: MicrophoneSourceConfig
  readonly spec: SoundSpec
  readonly clock: Clock
  readonly reports: SourceReports
}

/** Starts a recorder again and again, and says how it is. */
export class Supervisor {
  readonly #options: SupervisorOptions
  readonly #monitor: SignalMonitor
  readonly #starts: Retry
  readonly #searches = new Retry(SEARCH)
  /** Milliseconds to wait before the next start. */
  #wait = 0
  #started = 0
  #wasHeard = false

  constructor(options: SupervisorOptions) {
    const { source, config, spec, reports } = options
    this.#options = options
    this.#starts = new Retry(policyOf(config.restart))
    this.#monitor = new SignalMonitor(config.sample_rate ?? spec.sampleRate, config, (condition, message) =>
      reports.condition(source, condition, message),
    )
  }

  /** A recorder that runs, after what wait there must be; undefined when the signal has aborted. The caller stops it, and then calls `ended`. */
  async next(signal: AbortSignal): Promise<Session | undefined> {
    while (!signal.aborted) {
      if (this.#wait > 0) await this.#options.clock.sleep(this.#wait, signal).catch(() => {})
      if (signal.aborted) return undefined
      try {
        return await this.#begin()
      } catch (error) {
        this.#cannotBegin(error)
      }
    }
    return undefined
  }

  /** A recorder has ended by itself. */
  ended(session: Session): void {
    this.#wasHeard ||= session.seconds > 0
    if (session.seconds * 1000 >= STEADY) this.#starts.succeeded()
    this.#failed(session.reason)
  }

  async #begin(): Promise<Session> {
    const { source, config, spec, clock, reports } = this.#options
    const recorder = findRecorder(config.recorder)
    this.#searches.succeeded()
    if (this.#started++ > 0) reports.restarted(source)
    const events = {
      heard: (at: string) => {
        reports.condition(source, 'down', undefined)
        if (this.#wasHeard) reports.gap(source, at)
        this.#monitor.reset()
      },
      lost: (at: string) => reports.gap(source, at),
      dropped: (at: string) => {
        const error = new Error('nobody took the window in time')
        reports.failed({ source, reason: 'overflow', at, error, windows: 1 })
      },
    }
    return Session.begin({ config, recorder, spec, clock, monitor: this.#monitor, events })
  }

  #cannotBegin(error: unknown): void {
    if (!(error instanceof AuscultError) || error.code !== 'AUSCULT_RECORDER_MISSING') {
      this.#failed(messageOf(error))
      return
    }
    this.#wait = this.#searches.failed(performance.now()).ms
    this.#down(`${error.message} [${error.code}]. ${error.remedy}`)
  }

  #failed(reason: string): void {
    const { limit, within_seconds } = this.#options.config.restart
    const { ms, storm } = this.#starts.failed(performance.now())
    this.#wait = ms
    const pause = `more than ${limit} failures in ${within_seconds} s, so the next try is in ${Math.ceil(ms / 1000)} s`
    this.#down(storm ? `${reason}; ${pause}` : reason)
  }

  #down(message: string): void {
    const { reports, source } = this.#options
    reports.condition(source, 'down', message)
  }
}

function policyOf(restart: MicrophoneSourceConfig['restart']): RetryPolicy {
  const { first_seconds, last_seconds, limit, within_seconds, pause_seconds } = restart
  return {
    firstMs: first_seconds * 1000,
    lastMs: last_seconds * 1000,
    storm: { limit, withinMs: within_seconds * 1000, pauseMs: pause_seconds * 1000 },
  }
}
