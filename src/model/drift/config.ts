import { z } from '../../config.ts'

const seconds = z.number().nonnegative()

/**
 * Drift of one source's scores. Defaults are from a simulation (test/bench/drift.ts): a window a second, ln score with a deviation of 0.3,
 * windows correlated with their neighbour; six weeks each without drift, twelve changes each of the level. The same for gamma.
 *
 *     correlation   level drift reported   of the distribution   minutes to a level of 1.2, median (largest)   of 0.8
 *     0             0 a week               0 a week              38 (41)                                       35 (36)
 *     0.5           0                      0                     39 (43)                                       35 (37)
 *     0.9           0                      0                     41 (118)                                      33 (42)
 *     0.99          0                      0.17                  not within a day                              193 (not)
 *
 * 30 of these minutes are `settle`: without it a change is seen within 4 to 26, and so are stretches of ten minutes that are none.
 */
export const driftSchema = z
  .strictObject({
    test: z
      .enum(['page_hinkley', 'adwin'])
      .default('page_hinkley')
      .describe(
        'Sequential test for a change of the level: Page–Hinkley finds small changes sooner, adwin keeps no reference',
      ),
    block: z.number().positive().default(60).describe('Seconds of feed time that are averaged before the test'),
    block_windows: z.number().int().min(1).default(10).describe('Least windows of such a block'),
    warmup: z.number().int().min(10).default(60).describe('Blocks from which the level of the source itself is learnt'),
    tolerance: z
      .number()
      .nonnegative()
      .default(0.25)
      .describe('Change that page_hinkley tolerates, in standard deviations of a block'),
    limit: z
      .number()
      .positive()
      .default(20)
      .describe('Sum of deviations at which page_hinkley detects, in the same unit'),
    confidence: z.number().gt(0).lt(1).default(1e-5).describe('False alarm probability of a cut by adwin'),
    min_change: z
      .number()
      .positive()
      .default(0.1)
      .describe('Smallest change of the level that is reported, as a fraction of it'),
    settle: seconds
      .default(1800)
      .describe('Seconds that another level must last before it is drift, and the old one before that is over'),
    bins: z.number().int().min(2).max(100).default(10).describe('Bins of the population stability index'),
    memory: z.number().positive().default(14_400).describe('Seconds over which it remembers (it fades by e)'),
    psi: z
      .number()
      .positive()
      .default(0.25)
      .describe('Index from which scores are of another population than the calibration'),
    psi_over: z.number().positive().default(0.1).describe('Index below which they are of the same again'),
    absorb_after: seconds
      .default(1800)
      .describe('Seconds at a new, stable level above the threshold after which it is the new normal; 0: never'),
    absorb_share: z
      .number()
      .gt(0)
      .max(1)
      .default(0.05)
      .describe('Share of anomalous windows from which a block belongs to such a level'),
    hold_episodes: z
      .number()
      .int()
      .min(2)
      .max(100)
      .default(8)
      .describe('So many episodes within hold_windows are one from then on, until three blocks are calm'),
    hold_windows: z.number().int().min(2).default(600).describe('Windows in which hold_episodes are counted'),
  })
  .describe('Whether the scores of a source slowly become others than they were')

export type DriftConfig = z.infer<typeof driftSchema>
