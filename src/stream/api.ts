import { checkCall } from './api/check.ts'
import { operations } from './api/operations.ts'
import type { DaemonView } from './api/view.ts'
import type { Routes } from './http/router.ts'

export type { DaemonView } from './api/view.ts'

/** The routes of a daemon: `/metrics`, `/healthz`, `/readyz` and `/v1/…`. Requests are checked before anybody sees them. */
export function apiRoutes(view: DaemonView): Routes {
  return Object.fromEntries(
    operations.map(operation => [operation.route, call => operation.handle(view, checkCall(operation, call))]),
  )
}
