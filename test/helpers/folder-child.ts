import { createSource } from '../../src/ingest/create-source.ts'
import { sourceSchema } from '../../src/ingest/source-config.ts'
import { Reports } from './reports.ts'

/** `node folder-child.ts <folder>`: plays a folder, prints the id of each window, and acknowledges it a moment later. */
const config = sourceSchema.parse({ type: 'folder', path: process.argv[2], settle_seconds: 0, rescan_seconds: 0.1 })
const source = createSource('feed', config, { shape: [100], sampleRate: 1000, hop: 100 })
for await (const { window, ack } of source.deliveries(new AbortController().signal, new Reports())) {
  process.stdout.write(`${window.id}\n`)
  await new Promise(resolve => setTimeout(resolve, 20))
  ack()
}
