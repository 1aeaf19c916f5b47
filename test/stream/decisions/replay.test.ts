import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/clock.ts'
import { silentLogger } from '../../../src/logger.ts'
import { fingerprint } from '../../../src/model/calibration.ts'
import { resolveThreshold } from '../../../src/model/threshold.ts'
import { decided, readState, undecided } from '../../../src/stream/decisions/state.ts'
import { EventStore, storeSchema } from '../../../src/stream/store/event-store.ts'
import type { DecisionEvent } from '../../../src/types.ts'
import { calibration, DecisionsWorld, evenly, like } from '../../helpers/decisions.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

const by = { who: 'ada', note: 'because' }
const SOURCES = ['mic', 'plant/pump-1']

type Step = (world: DecisionsWorld) => unknown

const source = fc.constantFrom(...SOURCES)
const maybeSource = fc.option(source, { nil: undefined })
const cluster = fc.constantFrom(1, 2, 3)
const offset = fc.integer({ min: 1, max: 6 })
const seconds = fc.option(fc.integer({ min: 1, max: 100 }))
const policy = fc.oneof(
  fc.record({ policy: fc.constant('value' as const), value: fc.double({ min: 0.1, max: 9, noNaN: true }) }),
  fc.record({ policy: fc.constant('percentile' as const), value: fc.integer({ min: 50, max: 99 }) }),
  fc.constant({ policy: 'spot' as const }),
)

/** Anything that people, feeds and the clock do. What is refused must change nothing. */
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(maybeSource, policy).map(
    ([name, wanted]): Step =>
      world =>
        world.decisions.setThreshold(name, wanted, by),
  ),
  maybeSource.map(
    (name): Step =>
      world =>
        world.decisions.resetThreshold(name, by),
  ),
  fc.tuple(cluster, fc.option(fc.string({ maxLength: 9 }))).map(
    ([id, text]): Step =>
      world =>
        world.decisions.label(id, text, by),
  ),
  fc.tuple(source, seconds).map(
    ([name, time]): Step =>
      world =>
        world.decisions.mute({ source: name }, time, by),
  ),
  fc.tuple(cluster, seconds).map(
    ([id, time]): Step =>
      world =>
        world.decisions.mute({ cluster: id }, time, by),
  ),
  offset.map(
    (n): Step =>
      world =>
        world.decisions.unmute(`m${n}`, by),
  ),
  offset.map(
    (n): Step =>
      world =>
        world.decisions.acknowledge(`mic/a/${n}`, by),
  ),
  fc.tuple(offset, seconds, fc.boolean()).map(
    ([n, time, sourceOnly]): Step =>
      world =>
        world.decisions.falseAlarm(`mic/a/${n}`, { seconds: time, sourceOnly }, by),
  ),
  fc.tuple(offset, fc.option(fc.constantFrom(1, 2)), fc.integer({ min: 0, max: 4 })).map(
    ([n, id, distance]): Step =>
      world =>
        world.push('opened', n, id === null ? undefined : like(id, distance)),
  ),
  offset.map(
    (n): Step =>
      world =>
        world.push('closed', n),
  ),
  fc.tuple(source, fc.integer({ min: 1, max: 30 })).map(
    ([name, tenths]): Step =>
      world => {
        world.scores.set(name, evenly(tenths / 10, 1000))
        return world.decisions.recalibrate(name, {}, by)
      },
  ),
  source.map(
    (name): Step =>
      world =>
        world.decisions.revert(name, by),
  ),
  fc.integer({ min: 1, max: 60_000 }).map(
    (ms): Step =>
      world =>
        world.clock.pass(ms),
  ),
  fc.constant<Step>(world => world.restart()),
)

/** All that others see of what was decided. */
function visible({ decisions, clusters, clock }: DecisionsWorld) {
  return {
    thresholds: decisions.thresholds(),
    inForce: SOURCES.map(name => resolveThreshold(decisions.calibrationOf(name), decisions.policyOf(name))),
    mutes: decisions.mutes(),
    labels: [1, 2].map(id => clusters.get(id)?.label),
    now: clock.now(),
  }
}

const replayed = (log: readonly DecisionEvent[]) => log.reduce(decided, undecided())

describe('decisions', () => {
  it('are the same after a restart, and as the audit log has them', async () => {
    const refusals = /AUSCULT_(NOT_FOUND|USAGE|RECALIBRATION)/
    const run = async (steps: Step[]) => {
      const world = await new DecisionsWorld().start()
      for (const take of steps) {
        const before = JSON.stringify(visible(world))
        try {
          await take(world)
        } catch (error) {
          expect((error as { code: string }).code).toMatch(refusals)
          expect(JSON.stringify(visible(world))).toBe(before)
        }
      }
      const before = visible(world)
      const saved = await world.store.state('decisions')
      const log = world.store.decisions
      if (log.length > 0) expect(replayed(log)).toEqual(readState(saved))
      for (const name of SOURCES) {
        const last = log.findLast(event => event.source === name && event.action.startsWith('recalib'))
        const now = fingerprint(world.decisions.calibrationOf(name))
        expect(now).toBe(last ? (last.after as { calibration: string }).calibration : fingerprint(calibration))
      }
      await world.restart()
      expect(visible(world)).toEqual(before)
    }
    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 30 }), run), { numRuns: 60 })
  }, 60_000)

  it('are the same after a restart on a file, and outlive its events', async () => {
    const { folder } = temporary
    const path = `${folder}/events.db`
    const open = async () => {
      const store = new EventStore(storeSchema.parse({ path }), systemClock, silentLogger)
      await store.start()
      return store
    }
    let store = await open()
    const on = () => ({
      store,
      publish: (events: Parameters<EventStore['append']>[0], state: Readonly<Record<string, unknown>>) =>
        store.append(events, state),
    })
    const world = await new DecisionsWorld(on()).start()
    world.scores.set('mic', evenly(1.5))
    await world.decisions.setThreshold('mic', { policy: 'value', value: 3 }, by)
    await world.decisions.setThreshold(undefined, { policy: 'target_fpr', value: 0.01 }, by)
    await world.decisions.label(3, 'belt squeal', by)
    await world.decisions.recalibrate('mic', {}, by)
    const episode = world.push('opened', 1, like(1))
    await store.append([{ type: 'episode.opened', eventId: 'x', episode }])
    await world.decisions.acknowledge('mic/a/1', by)
    await world.decisions.falseAlarm('mic/a/1', { seconds: 60 }, by)
    await world.decisions.mute({ source: 'plant/pump-1' }, null, by)
    const before = visible(world)
    await store.stop()
    store = await open()
    await world.restart(on())
    expect(visible(world)).toEqual(before)
    expect(await store.episode('mic/a/1')).toMatchObject({ acknowledged: by, muted: { reason: 'false_alarm' } })
    const log = (await store.audit({ limit: 100 })).map(({ event }) => event as DecisionEvent).reverse()
    expect(log.map(({ action }) => action)).toEqual([
      ...['threshold.set', 'threshold.set', 'cluster.labelled', 'recalibrated', 'episode.acknowledged'],
      ...['false_alarm', 'muted'],
    ])
    expect(replayed(log)).toEqual(await store.state('decisions'))
    await world.decisions.revert('mic', by)
    expect(world.decisions.calibrationOf('mic')).toBe(calibration)
    await world.decisions.stop()
    await store.stop()
  })
})

const temporary = temporaryFolder()
