import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { trainOnHum } from './bench/live/bundle.ts'
import { measureBudget } from './helpers/budget.ts'
import { temporaryFolder } from './helpers/temporary.ts'

const { folder } = temporaryFolder()

describe.skipIf(process.platform !== 'linux')('the budget of a small machine', () => {
  it('holds for dense-ae on one live feed of 16 kHz: 5 % of one core and 150 MB', async () => {
    const bundle = await trainOnHum(folder)
    const recordings = join(folder, 'recordings')
    const { cpu, rss, scored, failed } = await measureBudget(folder, { bundle, recordings, seconds: 20 })
    expect([scored > 40, failed]).toEqual([true, 0])
    // Half of it: cores of small machines are slower.
    expect(cpu).toBeLessThan(0.05 / 2)
    expect(rss).toBeLessThanOrEqual(150)
  }, 120_000)
})
