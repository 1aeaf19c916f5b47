import { describe, expect, it } from 'vitest'
import { Recent } from '../../src/stream/metrics/recent.ts'
import { statusOf, statusSchema } from '../../src/stream/status.ts'
import { sourceStatus } from '../helpers/daemon-view.ts'

describe('statusOf', () => {
  const recent = new Recent(() => 0)
  const parts = {
    sources: () => [sourceStatus('a'), { ...sourceStatus('b'), episodeOpen: false }],
    components: () => ({ store: { ok: true, reason: 'in memory' } }),
    clients: () => 3,
    recent,
    scorer: () => ({ devices: { cpu: 1, webgpu: 3 }, fallbacks: 1 }),
    clock: { now: () => 1000, sleep: async () => {} },
  }

  it('adds up all sources', () => {
    recent.add(0.1)
    const status = statusOf(parts)
    expect(statusSchema.strict().parse(status)).toEqual({
      ...{ time: 1000, received: 12, scored: 6, dropped: 2, failed: 2, in_flight: 2, queued: 2 },
      ...{ rate: 0, latency: { p50: expect.closeTo(0.1, 2), p99: expect.closeTo(0.1, 2) } },
      ...{ sources: 2, episodes_open: 1, clients: 3, devices: { cpu: 1, webgpu: 3 }, fallbacks: 1 },
      ready: true,
    })
    expect(status.received).toBe(status.scored + status.dropped + status.failed + status.in_flight)
  })

  it('is not ready while a part is not', () => {
    const components = () => ({ ...parts.components(), scorer: { ok: false, reason: 'loading' } })
    expect(statusOf({ ...parts, components }).ready).toBe(false)
  })

  it('has nulls where there was no window', () => {
    const status = statusOf({ ...parts, sources: () => [], recent: new Recent() })
    expect(status).toMatchObject({ received: 0, sources: 0, latency: { p50: null, p99: null }, ready: true })
  })
})
