import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { generated } from './index.ts'

/** `npm run dashboards`: what Grafana reads, from what people write. */
for (const [path, text] of Object.entries(generated())) {
  writeFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), text)
}
