import { z } from '../../config.ts'
import type { Answer } from '../http/answer.ts'
import { publishedSchemas } from '../json-schema.ts'
import type { ComponentStatus } from '../telemetry.ts'
import { operation } from './operation.ts'
import { Status } from './schemas.ts'

const tag = 'daemon'
const component = z.object({ ok: z.boolean(), reason: z.string() })
const readiness = z.object({ status: z.enum(['ready', 'not ready']), components: z.record(z.string(), component) })

export const healthOperations = [
  operation({
    id: 'metrics',
    route: 'GET /metrics',
    tag,
    summary: 'Metrics for Prometheus',
    answers: { 200: { types: ['text/plain'] } },
    handle: view => view.metrics(),
  }),
  operation({
    id: 'health',
    route: 'GET /healthz',
    tag,
    summary: '200 while the process lives',
    answers: { 200: z.object({ status: z.literal('ok'), uptime_seconds: z.number() }) },
    handle: () => ({ body: { status: 'ok', uptime_seconds: Math.round(process.uptime()) } }),
  }),
  operation({
    id: 'readiness',
    route: 'GET /readyz',
    tag,
    summary: '200 when every part works, else 503; each part with its reason',
    answers: { 200: readiness, 503: readiness },
    handle: view => ready(view.components()),
  }),
  operation({
    id: 'info',
    route: 'GET /v1/info',
    tag,
    summary: 'Model, threshold, windows, sources: `hello` of the WebSocket without its type',
    answers: { 200: z.object({ name: z.string(), version: z.string(), sources: z.array(z.string()) }) },
    handle: view => ({ body: view.info() }),
  }),
  operation({
    id: 'status',
    route: 'GET /v1/status',
    tag,
    summary: 'Windows, throughput and latency now: `status` of the WebSocket without its type',
    answers: { 200: Status },
    handle: view => ({ body: view.status() }),
  }),
  operation({
    id: 'schemas',
    route: 'GET /v1/schemas',
    tag,
    summary: 'JSON Schemas of events, scores and the messages of the WebSocket',
    answers: {
      200: z.object({ event: z.looseObject({}), score: z.looseObject({}), websocket: z.looseObject({}) }),
    },
    handle: () => ({ body: publishedSchemas }),
  }),
]

function ready(components: Record<string, ComponentStatus>): Answer {
  const ok = Object.values(components).every(component => component.ok)
  return { status: ok ? 200 : 503, body: { status: ok ? 'ready' : 'not ready', components } }
}
