import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Budget, measureBudget } from '../helpers/budget.ts'
import { setup } from '../helpers/build.ts'
import { trainOnHum } from './live/bundle.ts'

/** The daemon on one live feed of 16 kHz through dense-ae. */
export async function benchBudget(seconds: number): Promise<Budget> {
  setup()
  const folder = mkdtempSync(join(tmpdir(), 'auscult-bench-'))
  try {
    const bundle = await trainOnHum(folder)
    return await measureBudget(folder, { bundle, recordings: join(folder, 'recordings'), seconds })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

export const budgetText = ({ cpu, rss, peak, scored, failed }: Budget): string =>
  [
    'dense-ae on one feed of 16 kHz, windows of 1 s, two a second',
    `  ${(cpu * 100).toFixed(2)} % of one core (budget on a Raspberry Pi: 5 %)`,
    `  ${rss.toFixed(0)} MB resident (budget: 150 MB), at most ${peak.toFixed(0)} MB since the start`,
    `  ${scored} windows scored, ${failed} failed`,
  ].join('\n')
