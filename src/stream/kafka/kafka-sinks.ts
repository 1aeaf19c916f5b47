import type { Clock } from '../../clock.ts'
import type { Service } from '../../lifecycle.ts'
import type { Logger } from '../../logger.ts'
import type { ComponentStatus, ScoreLog, Sink } from '../telemetry.ts'
import type { KafkaSinkConfig } from './config.ts'
import { EventSink, type Outbox } from './event-sink.ts'
import { KafkaScoreLog } from './score-log.ts'

export interface KafkaSinks {
  /** To be started after the store. */
  readonly services: readonly (Service & { status(): ComponentStatus })[]
  readonly sinks: readonly Sink[]
  readonly scoreLog?: ScoreLog
  /** Events that are stored and not yet published; undefined where none are. */
  lag(): number | undefined
}

/** What `sinks.kafka` asks for. Touches nothing before the services start. */
export function kafkaSinks(
  config: KafkaSinkConfig | undefined,
  parts: { readonly store: Outbox; readonly clock: Clock; readonly logger: Logger },
): KafkaSinks {
  const { events_topic, scores_topic } = config ?? { events_topic: null, scores_topic: null }
  const events = config && events_topic !== null ? [new EventSink({ config, topic: events_topic, ...parts })] : []
  const scores = config && scores_topic !== null ? [new KafkaScoreLog({ config, topic: scores_topic, ...parts })] : []
  return {
    services: [...events, ...scores],
    sinks: events,
    lag: () => events[0]?.lag,
    ...(scores[0] && { scoreLog: scores[0] }),
  }
}
