import { describe, expect, it } from 'vitest'
import { metricsSchema } from '../../src/stream/metrics/config.ts'
import { Metrics, type MetricsState } from '../../src/stream/metrics.ts'
import { parseMetrics, metricsState as state } from '../helpers/metrics.ts'

const config = metricsSchema.parse({})
const make = () => new Metrics({ version: '1.2.3', node: 'v20', bundle: 'pump', created: 1_795_000_000_000 }, config)

describe('Metrics', () => {
  it('shows the state of each source', async () => {
    const values = parseMetrics(await make().render(() => state))
    expect(Object.fromEntries(values)).toMatchObject({
      'auscult_source_condition{source="mic",condition="silence"}': 1,
      'auscult_source_gaps_total{source="mic"}': 8,
      'auscult_windows_late_total{source="mic"}': 9,
      'auscult_source_restarts_total{source="mic"}': 11,
      'auscult_source_last_window_timestamp_seconds{source="mic"}': 1_795_318_509.088,
      'auscult_source_lag{source="mic"}': 12,
      'auscult_windows_received_total{source="mic"}': 10,
      'auscult_windows_scored_total{source="mic"}': 5,
      'auscult_windows_dropped_total{source="mic",reason="overflow"}': 2,
      'auscult_windows_failed_total{source="mic",reason="non_finite"}': 1,
      'auscult_windows_in_flight{source="mic"}': 2,
      'auscult_windows_suppressed_total{source="mic"}': 4,
      'auscult_queue_windows{source="mic"}': 1,
      'auscult_score{source="mic"}': 3,
      'auscult_threshold{source="mic"}': 2.5,
      'auscult_episodes_total{source="mic"}': 6,
      'auscult_episode_open{source="mic"}': 0,
      'auscult_episode_muted{source="mic"}': 1,
      'auscult_episodes_muted_total{source="mic"}': 3,
      'auscult_drift_psi{source="mic"}': 0.3,
      'auscult_score_level{source="mic"}': 2.2,
      'auscult_level_factor{source="mic"}': 1.5,
      'auscult_drifting{source="mic",kind="level",direction="up"}': 1,
      'auscult_source_up{source="mic"}': 1,
      'auscult_source_up{source="idle"}': 0,
      'auscult_windows_received_total{source="idle"}': 0,
    })
    expect(values.has('auscult_score{source="idle"}')).toBe(false)
    expect(values.has('auscult_source_last_window_timestamp_seconds{source="idle"}')).toBe(false)
    expect([...values.keys()].filter(key => key.includes('undefined'))).toEqual([])
  })

  it('shows what the parts count', async () => {
    const values = parseMetrics(await make().render(() => state))
    expect(Object.fromEntries(values)).toMatchObject({
      auscult_store_events: 30,
      auscult_store_bytes: 31,
      auscult_websocket_clients: 1,
      auscult_websocket_unsent_scores_total: 7,
      auscult_websocket_unsent_views_total: 32,
      auscult_websocket_errors_total: 33,
      'auscult_websocket_closed_total{reason="slow"}': 34,
      'auscult_websocket_closed_total{reason="left"}': 0,
      'auscult_websocket_refused_total{reason="full"}': 35,
      'auscult_webhook_deliveries_total{webhook="pager",outcome="delivered"}': 36,
      'auscult_webhook_deliveries_total{webhook="pager",outcome="failed"}': 37,
      'auscult_webhook_lag_events{webhook="pager"}': 38,
      auscult_kafka_lag_events: 39,
      auscult_views_skipped_total: 40,
      auscult_scorer_restarts_total: 2,
      auscult_clusters: 5,
      auscult_cluster_births_total: 13,
      auscult_cluster_merges_total: 14,
      auscult_latents_refused_total: 15,
      auscult_explanations_total: 16,
      auscult_explanations_failed_total: 17,
      auscult_explanations_skipped_total: 18,
      auscult_evidence_bytes: 19,
      auscult_map_placed_total: 20,
      auscult_map_skipped_total: 21,
      auscult_mutes: 22,
      'auscult_component_ok{component="store"}': 1,
      'auscult_component_ok{component="scorer"}': 0,
      auscult_metrics_sources_omitted: 0,
      auscult_bundle_created_timestamp_seconds: 1_795_000_000,
      'auscult_build_info{version="1.2.3",node="v20",bundle="pump"}': 1,
    })
    expect([...values.keys()].filter(key => key.includes('component="source'))).toEqual([])
    expect(values.has('process_cpu_seconds_total')).toBe(true)
  })

  it('has no lag where nothing goes to Kafka, and no time for a bundle without one', async () => {
    const metrics = new Metrics({ version: '1', node: 'v20', bundle: 'pump', created: Number.NaN }, config)
    const values = parseMetrics(await metrics.render(() => ({ ...state, kafkaLag: undefined })))
    expect(values.has('auscult_kafka_lag_events')).toBe(false)
    expect(values.has('auscult_bundle_created_timestamp_seconds')).toBe(false)
  })

  it('says that an episode is open only while it is not muted, and forgets drift that is over', async () => {
    const metrics = make()
    await metrics.render(() => state)
    const [mic] = state.sources
    const calm = { ...mic, muted: false, drift: { ...mic.drift!, drifting: {} } }
    const values = parseMetrics(await metrics.render(() => ({ ...state, sources: [calm] })))
    expect(values.get('auscult_episode_open{source="mic"}')).toBe(1)
    expect(values.get('auscult_episode_muted{source="mic"}')).toBe(0)
    expect(values.has('auscult_drifting{source="mic",kind="level",direction="up"}')).toBe(false)
  })

  it('knows only some reasons: others are one', async () => {
    const [mic] = state.sources
    const account = { ...mic.account, dropped: { overflow: 1, a: 1 }, failed: { decode: 1, b: 2, c: 3, other: 4 } }
    const values = parseMetrics(await make().render(() => ({ ...state, sources: [{ ...mic, account }] })))
    const reasons = [...values].filter(([series]) => series.includes('reason=') && series.includes('source='))
    expect(Object.fromEntries(reasons)).toEqual({
      'auscult_windows_dropped_total{source="mic",reason="overflow"}': 1,
      'auscult_windows_dropped_total{source="mic",reason="other"}': 1,
      'auscult_windows_failed_total{source="mic",reason="decode"}': 1,
      'auscult_windows_failed_total{source="mic",reason="other"}': 9,
    })
  })

  it('does not add up totals from scrape to scrape', async () => {
    const metrics = make()
    await metrics.render(() => state)
    const again = parseMetrics(await metrics.render(() => state))
    expect(again.get('auscult_windows_received_total{source="mic"}')).toBe(10)
    expect(again.get('auscult_websocket_unsent_scores_total')).toBe(7)
  })

  it('answers scrapes that overlap each with one moment', async () => {
    const metrics = make()
    let received = 0
    const moment = (): MetricsState => {
      received += 10
      const account = { ...state.sources[0].account, received, inFlight: received - 8 }
      return { ...state, sources: [{ ...state.sources[0], account }] }
    }
    const texts = await Promise.all(Array.from({ length: 5 }, () => metrics.render(moment)))
    for (const [i, text] of texts.entries()) {
      const values = parseMetrics(text)
      expect(values.get('auscult_windows_received_total{source="mic"}')).toBe((i + 1) * 10)
      expect(values.get('auscult_windows_in_flight{source="mic"}')).toBe((i + 1) * 10 - 8)
    }
  })

  it('lets windows flow while it writes down a thousand sources, all of one moment', async () => {
    const [mic] = state.sources
    const sources = Array.from({ length: 1000 }, (_, i) => ({ ...mic, name: `mic-${i}` }))
    let turns = 0
    let done = false
    const count = () => {
      turns++
      if (!done) setImmediate(count)
    }
    setImmediate(count)
    const text = await make().render(() => ({ ...state, sources }))
    done = true
    expect(turns).toBeGreaterThan(3)
    const values = parseMetrics(text)
    for (const { name } of sources) expect(values.get(`auscult_windows_received_total{source="${name}"}`)).toBe(10)
    expect(text.match(/^# TYPE auscult_score /gm)).toHaveLength(1)
  })

  it('goes on after a scrape that failed', async () => {
    const metrics = make()
    const broken = metrics.render(() => {
      throw new Error('no state')
    })
    await expect(broken).rejects.toThrow('no state')
    expect(await metrics.render(() => state)).toContain('auscult_score')
  })

  it('keeps distributions, without what is no number', async () => {
    const metrics = make()
    for (const ratio of [0.05, 1.1, Number.NaN, Number.POSITIVE_INFINITY]) metrics.path.scoreRatio(ratio)
    metrics.path.batch(64, 0.02)
    metrics.path.window(0.1, 0.3)
    metrics.path.window(40, 50)
    metrics.path.stage('score', 0.2, 2)
    metrics.path.stage('store', 0.0005, 3)
    metrics.path.appended(0.25)
    const values = parseMetrics(await metrics.render(() => state))
    expect(Object.fromEntries(values)).toMatchObject({
      auscult_score_distribution_count: 2,
      'auscult_score_distribution_bucket{le="1"}': 1,
      'auscult_score_distribution_bucket{le="1.25"}': 2,
      auscult_batch_windows_sum: 64,
      auscult_scoring_seconds_sum: 0.02,
      auscult_window_latency_seconds_count: 2,
      auscult_window_latency_seconds_sum: 50.3,
      'auscult_window_latency_seconds_bucket{le="0.25"}': 0,
      'auscult_window_latency_seconds_bucket{le="30"}': 1,
      'auscult_window_latency_seconds_bucket{le="+Inf"}': 2,
      'auscult_stage_seconds_bucket{le="0.1",stage="wait"}': 1,
      'auscult_stage_seconds_count{stage="wait"}': 2,
      'auscult_stage_seconds_sum{stage="score"}': 0.4,
      'auscult_stage_seconds_bucket{le="0.00025",stage="store"}': 0,
      'auscult_stage_seconds_bucket{le="0.0005",stage="store"}': 3,
      'auscult_stage_seconds_count{stage="decide"}': 0,
      'auscult_stage_seconds_count{stage="deliver"}': 0,
      auscult_store_append_seconds_count: 1,
    })
    expect(metrics.path.recent.quantile(0.5)).toBeCloseTo(0.3, 1)
  })
})
