import type { StatusJson } from '../../src/stream/status.ts'
import { websocketSchema } from '../../src/stream/websocket/config.ts'
import { type HubOptions, WebSocketHub } from '../../src/stream/websocket/hub.ts'
import { noHistory } from './events.ts'

/** What the daemon says of itself. */
export const INFO = {
  name: 'pump',
  version: '1.2.3',
  threshold: 1,
  window: { shape: [16000], sample_rate: 16000, hop_seconds: 0.5 },
  sources: ['mic'],
}

export const STATUS: StatusJson = {
  ...{ time: 1_700_000_000_000, received: 10, scored: 8, dropped: 1, failed: 0, in_flight: 1, queued: 1, rate: 2 },
  ...{ latency: { p50: 0.02, p99: null }, sources: 1, episodes_open: 0, clients: 1, devices: { cpu: 1 } },
  ...{ fallbacks: 0, ready: true },
}

/** A hub over a store in which nothing is, with all that is not given as it usually is. */
export function hubWith({ config = {}, ...given }: Partial<Omit<HubOptions, 'config'>> & { config?: object } = {}) {
  return new WebSocketHub({
    hello: () => INFO,
    history: noHistory,
    views: { watch: () => () => {} },
    status: () => STATUS,
    ...given,
    config: websocketSchema.parse(config),
  })
}
