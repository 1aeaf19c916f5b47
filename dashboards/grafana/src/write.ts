import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { DASHBOARDS, textOf } from './index.ts'

/** `npm run dashboards`: what Grafana reads, from what people write. */
for (const [name, dashboard] of Object.entries(DASHBOARDS)) {
  writeFileSync(fileURLToPath(new URL(`../${name}`, import.meta.url)), textOf(dashboard))
}
