import { z } from '../../config.ts'
import { auditOperations } from './audit.ts'
import { clusterOperations } from './clusters.ts'
import { episodeOperations } from './episodes.ts'
import { eventOperations } from './events.ts'
import { exportOperations } from './export.ts'
import { healthOperations } from './health.ts'
import { mapOperations } from './map.ts'
import { muteOperations } from './mutes.ts'
import { openApi } from './openapi.ts'
import { type Operation, operation } from './operation.ts'
import { sourceOperations } from './sources.ts'
import { thresholdOperations } from './thresholds.ts'
import { webhookOperations } from './webhooks.ts'

/** Everything that is served as HTTP, in the order of its description. */
export const operations: readonly Operation[] = [
  ...healthOperations,
  operation({
    id: 'openApi',
    route: 'GET /v1/openapi.json',
    tag: 'daemon',
    summary: 'This description',
    answers: { 200: z.looseObject({ openapi: z.string() }) },
    handle: () => ({ body: openApiDocument() }),
  }),
  ...sourceOperations,
  ...episodeOperations,
  ...clusterOperations,
  ...muteOperations,
  ...thresholdOperations,
  ...eventOperations,
  ...auditOperations,
  ...exportOperations,
  ...webhookOperations,
  ...mapOperations,
]

let document: object | undefined

export function openApiDocument(): object {
  document ??= openApi(operations)
  return document
}
