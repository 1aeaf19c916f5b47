import { beforeEach, describe, expect, it } from 'vitest'
import { AuscultError } from '../../../src/errors.ts'
import { resolveThreshold } from '../../../src/model/threshold.ts'
import { deferred } from '../../../src/stream/deferred.ts'
import { calibration, DecisionsWorld, evenly, like } from '../../helpers/decisions.ts'
import { errorOf } from '../../helpers/temporary.ts'

const ada = { who: 'ada', note: 'because' }
const bob = { who: 'bob' }
const value = (score: number) => ({ policy: 'value', value: score }) as const
let world: DecisionsWorld
beforeEach(async () => {
  world = await new DecisionsWorld().start()
})

/** Makes the disk wait until the returned function is called. */
function hold(): () => void {
  const { promise, resolve } = deferred()
  world.onPublish = () => promise
  return resolve
}

function breakDisk(): void {
  world.onPublish = async () => {
    throw new Error('the disk is gone')
  }
}

const bound = (store: DecisionsWorld['store']) => ({
  states: (prefix: string) => store.states(prefix),
  episode: (id: string) => store.episode(id),
  leftOpen: () => store.leftOpen(),
})

const tick = () => new Promise(resolve => setTimeout(resolve, 2))

describe('a change', () => {
  it('is durable, with its audit entry, before it takes effect', async () => {
    const { decisions } = world
    const done = hold()
    const work = decisions.setThreshold('mic', value(3), ada)
    await tick()
    expect([decisions.policyOf('mic'), world.rejudged]).toEqual([{ policy: 'percentile', value: 99.5 }, []])
    done()
    expect(await work).toEqual({ source: 'mic', policy: value(3), threshold: 3 })
    expect([decisions.policyOf('mic'), world.rejudged]).toEqual([value(3), ['mic']])
    expect(world.store.decisions).toEqual([
      {
        ...{ type: 'decision', eventId: 'decision/1/1000000', action: 'threshold.set', time: 1_000_000, source: 'mic' },
        ...{ ...ada, before: null, after: { policy: value(3), threshold: 3 } },
      },
    ])
  })

  it('that the disk refuses has changed nothing', async () => {
    const { decisions } = world
    world.push('opened', 1, like(1))
    world.scores.set('mic', evenly(1.5))
    breakDisk()
    const changes = [
      decisions.setThreshold('mic', value(3), ada),
      decisions.acknowledge('mic/a/1', ada),
      decisions.label(1, 'squeal', ada),
      decisions.mute({ source: 'mic' }, null, ada),
      decisions.falseAlarm('mic/a/1', {}, ada),
      decisions.recalibrate('mic', {}, ada),
    ]
    for (const change of changes) await expect(change).rejects.toThrow('the disk is gone')
    world.onPublish = async () => {}
    expect(decisions.thresholds()).toEqual({ configured: { policy: 'percentile', value: 99.5 }, sources: [] })
    expect(decisions.calibrationOf('mic')).toBe(calibration)
    expect([decisions.mutes(), world.clusters.get(1), world.rejudged, world.store.decisions]).toEqual([[], {}, [], []])
    expect(world.push('updated', 1, like(1))).toEqual(world.push('updated', 1, like(1)))
    const episode = world.push('updated', 1, like(1))
    expect([episode.acknowledged, episode.muted]).toEqual([undefined, undefined])
    await decisions.mute({ source: 'mic' }, null, ada)
    expect(world.store.decisions.map(({ eventId }) => eventId)).toEqual(['decision/1/1000000'])
  })

  it('waits for the one before it', async () => {
    const { decisions } = world
    const work = [1, 2, 3].map(score => decisions.setThreshold(undefined, value(score), bob))
    await Promise.all(work)
    expect(world.store.decisions.map(({ before, after }) => [before, after])).toEqual([
      [null, { policy: value(1), threshold: 1 }],
      [{ policy: value(1) }, { policy: value(2), threshold: 2 }],
      [{ policy: value(2) }, { policy: value(3), threshold: 3 }],
    ])
  })

  it.each([
    ['nobody', { who: ' ' }],
    ['a name that is too long', { who: 'a'.repeat(201) }],
    ['a note that is too long', { who: 'ada', note: 'a'.repeat(2001) }],
  ])('is refused from %s', async (_, by) => {
    const refusal = { code: 'AUSCULT_USAGE' }
    await expect(world.decisions.mute({ source: 'mic' }, null, by)).rejects.toMatchObject(refusal)
    expect(world.store.decisions).toEqual([])
  })
})

describe('thresholds', () => {
  it('are the source’s own, else that for all, else the configured one', async () => {
    const { decisions } = world
    await decisions.setThreshold(undefined, { policy: 'target_fpr', value: 0.01 }, ada)
    await decisions.setThreshold('mic', value(7), bob)
    const inForce = () => ['mic', 'plant/pump-1'].map(source => decisions.policyOf(source))
    const all = { policy: 'target_fpr', value: 0.01 }
    expect(inForce()).toEqual([value(7), all])
    expect(decisions.thresholds()).toEqual({
      configured: { policy: 'percentile', value: 99.5 },
      all: { policy: all, ...ada, at: 1_000_000 },
      sources: [{ source: 'mic', policy: value(7), ...bob, at: 1_000_000 }],
    })
    expect(await decisions.resetThreshold('mic', ada)).toMatchObject({ source: 'mic', policy: all })
    expect(inForce()).toEqual([all, all])
    const { threshold } = await decisions.resetThreshold(undefined, ada)
    expect(threshold).toBeCloseTo(1.995, 2)
    expect(world.rejudged).toEqual([undefined, 'mic', 'mic', undefined])
    await world.restart()
    expect(world.decisions.thresholds().sources).toEqual([])
  })

  it('that were never set are nothing to reset, and nothing to enter', async () => {
    expect(await world.decisions.resetThreshold('mic', ada)).toMatchObject({ policy: { policy: 'percentile' } })
    expect(world.store.decisions).toEqual([])
  })

  it('that the calibration does not allow leave the old one', async () => {
    const flat = { ...calibration, gamma: { shape: Number.NaN, scale: 1 } }
    world = await new DecisionsWorld({ calibration: flat }).start()
    await world.decisions.setThreshold('mic', value(7), ada)
    const refusal = { code: 'AUSCULT_CONFIG', at: 'mic', remedy: expect.stringContaining('policy') }
    const gamma = { policy: 'gamma', quantile: 0.999 } as const
    await expect(world.decisions.setThreshold('mic', gamma, ada)).rejects.toMatchObject(refusal)
    await expect(world.decisions.setThreshold(undefined, gamma, ada)).rejects.toMatchObject({ at: 'all sources' })
    expect(world.decisions.policyOf('mic')).toEqual(value(7))
  })

  it.each([[{ policy: 'percentile', value: 101 }], [{ policy: 'mean' }], [{ policy: 'value', value: 1, extra: 1 }]])(
    'refuse the policy %o',
    async policy => {
      await expect(world.decisions.setThreshold('mic', policy as never, ada)).rejects.toMatchObject({
        code: 'AUSCULT_CONFIG',
      })
    },
  )

  it('refuse a source that is not there', async () => {
    const error = await errorOf(() => world.decisions.setThreshold('mike', value(1), ada))
    expect(error).toMatchObject({ code: 'AUSCULT_NOT_FOUND', remedy: 'List the sources.' })
    await expect(world.decisions.resetThreshold('mike', ada)).rejects.toMatchObject({ code: 'AUSCULT_NOT_FOUND' })
  })

  it('are the configured ones where another bundle does not allow what was set', async () => {
    await world.decisions.setThreshold('mic', { policy: 'gamma' }, ada)
    await world.restart({ calibration: { ...calibration, gamma: { shape: Number.NaN, scale: 1 } } })
    expect(world.decisions.policyOf('mic')).toEqual({ policy: 'percentile', value: 99.5 })
    expect(world.decisions.status()).toEqual({
      ok: true,
      reason: expect.stringContaining('no threshold by the policy gamma'),
    })
    await world.decisions.setThreshold('mic', value(2), ada)
    expect(world.decisions.policyOf('mic')).toEqual(value(2))
    await world.restart()
    expect([world.decisions.policyOf('mic'), world.decisions.status().reason]).toEqual([value(2), 'as decided'])
  })
})

describe('an acknowledgement', () => {
  it('is on the episode from then on, and the next replaces it', async () => {
    const { decisions, clock } = world
    world.push('opened', 1)
    expect(await decisions.acknowledge('mic/a/1', ada)).toMatchObject({ acknowledged: { ...ada, at: 1_000_000 } })
    expect(world.push('updated', 1).acknowledged).toEqual({ ...ada, at: 1_000_000 })
    await clock.pass(5)
    await decisions.acknowledge('mic/a/1', bob)
    const second = { who: 'bob', at: 1_000_005 }
    expect(world.push('closed', 1).acknowledged).toEqual(second)
    expect(world.push('explained', 1).acknowledged).toEqual(second)
    expect(world.store.events.filter(({ type }) => type === 'episode.acknowledged')).toMatchObject([
      { eventId: 'mic/a/1/acknowledged/1', episode: { state: 'open', acknowledged: ada } },
      { eventId: 'mic/a/1/acknowledged/2', episode: { state: 'open', acknowledged: second } },
    ])
    expect(world.store.decisions[1]).toMatchObject({
      ...{ action: 'episode.acknowledged', who: 'bob', source: 'mic', episodeId: 'mic/a/1' },
      ...{ before: { ...ada, at: 1_000_000 }, after: second },
    })
  })

  it('comes after the close too', async () => {
    world.push('opened', 1)
    world.push('closed', 1)
    await world.decisions.acknowledge('mic/a/1', ada)
    expect(world.store.episodes()).toMatchObject([{ state: 'closed', closeReason: 'recovered', acknowledged: ada }])
    expect(world.push('explained', 1).acknowledged).toMatchObject(ada)
  })

  it('and the explanation after the close do not lose each other', async () => {
    world.push('opened', 1)
    world.push('closed', 1)
    const closed = (await world.store.episode('mic/a/1'))!
    const explanation = { window: 'mic/a/1', time: 1, score: 2, summary: 'loud', contributors: [] }
    const explained = { type: 'episode.explained' as const, eventId: 'x', episode: { ...closed, explanation } }
    // Each of them read the episode before the other one was stored.
    await world.decisions.acknowledge('mic/a/1', ada)
    expect(world.decisions.complete(explained).episode).toMatchObject({ acknowledged: ada, explanation })
    expect(await world.decisions.acknowledge('mic/a/1', bob)).toMatchObject({ acknowledged: bob, explanation })
  })

  it('is not lost to an event that is stored behind it', async () => {
    world.push('opened', 1)
    const done = hold()
    const work = world.decisions.acknowledge('mic/a/1', ada)
    await tick()
    const closed = world.close(1)
    done()
    await work
    expect(closed.acknowledged).toMatchObject(ada)
  })

  it('of an episode whose close is on its way to the store leaves it closed', async () => {
    world.push('opened', 1)
    world.close(1)
    expect(world.store.leftOpen()).toHaveLength(1)
    expect(await world.decisions.acknowledge('mic/a/1', ada)).toMatchObject({ state: 'closed', acknowledged: ada })
  })

  it('survives a restart, when the episode goes on and when it is interrupted', async () => {
    world.push('opened', 1)
    await world.decisions.acknowledge('mic/a/1', ada)
    await world.restart()
    expect(world.push('updated', 1).acknowledged).toMatchObject(ada)
    await world.restart()
    expect(world.push('closed', 1).acknowledged).toMatchObject(ada)
  })

  it('of an unknown episode is refused', async () => {
    await expect(world.decisions.acknowledge('mic/a/404', ada)).rejects.toMatchObject({
      code: 'AUSCULT_NOT_FOUND',
      message: 'there is no episode mic/a/404',
    })
  })
})

describe('a label', () => {
  it('is given to the cluster that the id means now, and taken away', async () => {
    const { decisions, clusters } = world
    expect(await decisions.label(3, ' belt squeal ', ada)).toEqual({ cluster: 2, label: 'belt squeal' })
    expect(clusters.get(2)).toEqual({ born: 'mic/a/9', label: 'belt squeal' })
    await world.restart()
    expect(world.clusters.get(2)?.label).toBe('belt squeal')
    expect(await world.decisions.label(2, null, bob)).toEqual({ cluster: 2, label: null })
    expect(world.clusters.get(2)?.label).toBeUndefined()
    await world.restart()
    expect(world.clusters.get(2)?.label).toBeUndefined()
    expect(world.store.decisions.map(({ cluster, before, after }) => [cluster, before, after])).toEqual([
      [2, { label: null }, { label: 'belt squeal', clusters_key: 'model-a' }],
      [2, { label: 'belt squeal' }, { label: null, clusters_key: 'model-a' }],
    ])
  })

  it('waits while another bundle is used', async () => {
    await world.decisions.label(1, 'squeal', ada)
    world.clusters.key = 'model-b'
    await world.restart()
    expect(world.clusters.get(1)?.label).toBeUndefined()
    await world.decisions.label(1, 'hiss', ada)
    world.clusters.key = 'model-a'
    await world.restart()
    expect(world.clusters.get(1)?.label).toBe('squeal')
  })

  it.each([
    [404, 'x', 'AUSCULT_NOT_FOUND'],
    [1, '  ', 'AUSCULT_USAGE'],
    [1, 'x'.repeat(201), 'AUSCULT_USAGE'],
  ])('of cluster %d as "%s" is refused', async (cluster, text, code) => {
    await expect(world.decisions.label(cluster, text, ada)).rejects.toMatchObject({ code })
    expect(world.store.decisions).toEqual([])
  })
})

describe('recalibration', () => {
  const inForce = () => resolveThreshold(world.decisions.calibrationOf('mic'), world.decisions.policyOf('mic'))

  it('takes the source’s own scores, and can be taken back step by step', async () => {
    world.scores.set('mic', evenly(1.5))
    const first = await world.decisions.recalibrate('mic', {}, ada)
    expect(first).toMatchObject({ source: 'mic', applied: true, report: { forced: false } })
    expect(inForce()).toBeCloseTo(2.9925, 2)
    world.scores.set('mic', evenly(2))
    await world.restart()
    expect(world.rejudged).toEqual([undefined])
    await world.decisions.recalibrate('mic', {}, { who: 'bob' })
    expect(inForce()).toBeCloseTo(3.99, 2)
    expect(world.decisions.calibrationOf('plant/pump-1')).toBe(calibration)
    await world.restart()
    expect(inForce()).toBeCloseTo(3.99, 2)
    expect(await world.decisions.revert('mic', bob)).toMatchObject({ source: 'mic', left: 1 })
    expect(inForce()).toBeCloseTo(2.9925, 2)
    await world.restart()
    expect(inForce()).toBeCloseTo(2.9925, 2)
    expect(await world.decisions.revert('mic', ada)).toMatchObject({ left: 0 })
    expect(world.decisions.calibrationOf('mic')).toBe(calibration)
    expect(world.rejudged).toEqual([undefined, 'mic'])
    await expect(world.decisions.revert('mic', ada)).rejects.toMatchObject({ code: 'AUSCULT_RECALIBRATION', at: 'mic' })
    await world.restart()
    expect(world.decisions.calibrationOf('mic')).toBe(calibration)
    expect([...world.store.values.keys()].filter(key => key.includes('calibrations'))).toEqual([])
  })

  it('says in the audit log what was and what is', async () => {
    world.scores.set('mic', evenly(1.5))
    await world.decisions.recalibrate('mic', {}, ada)
    await world.decisions.revert('mic', bob)
    const [done, undone] = world.store.decisions
    expect(done).toMatchObject({
      ...{ action: 'recalibrated', source: 'mic', who: 'ada', note: 'because' },
      before: { windows: 2000, threshold: expect.closeTo(1.995, 2), calibration: expect.any(String) },
      after: { windows: 2000, threshold: expect.closeTo(2.9925, 2), factor: expect.closeTo(1.5, 2), trimmed: 0 },
    })
    expect(undone).toMatchObject({ action: 'recalibration.reverted', source: 'mic', who: 'bob' })
    const calibrations = [done.before, done.after, undone.before, undone.after].map(
      side => (side as { calibration: string }).calibration,
    )
    expect(calibrations).toEqual([calibrations[0], calibrations[1], calibrations[1], calibrations[0]])
    expect(calibrations[0]).not.toBe(calibrations[1])
  })

  it('that is only tried changes nothing', async () => {
    world.scores.set('mic', evenly(1.5))
    const tried = await world.decisions.recalibrate('mic', { dryRun: true }, ada)
    expect(tried).toMatchObject({ applied: false, report: { after: { threshold: expect.closeTo(2.9925, 2) } } })
    expect([world.store.decisions, world.rejudged, inForce()]).toEqual([[], [], expect.closeTo(1.995, 2)])
  })

  it.each([
    ['too few windows', 'mic', evenly(1, 999), 'AUSCULT_RECALIBRATION'],
    ['too large a change', 'mic', evenly(3), 'AUSCULT_RECALIBRATION'],
    ['an unknown source', 'mike', evenly(1.5), 'AUSCULT_NOT_FOUND'],
    ['NaN', 'mic', [...evenly(), Number.NaN], 'AUSCULT_NON_FINITE'],
  ])('is refused for %s', async (_, source, scores, code) => {
    world.scores.set(source, scores)
    await expect(world.decisions.recalibrate(source, {}, ada)).rejects.toMatchObject({ code })
    expect([world.store.decisions, inForce()]).toEqual([[], expect.closeTo(1.995, 2)])
  })

  it('by force may change more', async () => {
    world.scores.set('mic', evenly(3))
    expect(await world.decisions.recalibrate('mic', { force: true }, ada)).toMatchObject({ report: { forced: true } })
    expect(inForce()).toBeCloseTo(5.985, 2)
  })

  it('keeps the way back of ten', async () => {
    for (let i = 1; i <= 12; i++) {
      world.scores.set('mic', evenly(1 + i / 100))
      await world.decisions.recalibrate('mic', {}, ada)
    }
    for (let left = 9; left >= 0; left--) expect(await world.decisions.revert('mic', ada)).toMatchObject({ left })
    await expect(world.decisions.revert('mic', ada)).rejects.toMatchObject({ code: 'AUSCULT_RECALIBRATION' })
    const last = inForce()
    expect(last).toBeCloseTo(1.995 * 1.02, 2)
    await world.restart()
    expect(inForce()).toBe(last)
  })

  it('is of its bundle: it waits while another one is used', async () => {
    world.scores.set('mic', evenly(1.5))
    await world.decisions.recalibrate('mic', {}, ada)
    const other = { ...calibration, mean: calibration.mean * 2 }
    await world.restart({ calibration: other })
    expect(world.decisions.calibrationOf('mic')).toBe(other)
    await world.restart()
    expect(inForce()).toBeCloseTo(2.9925, 2)
  })

  it('gives way where it does not allow the policy that is configured now', async () => {
    world.scores.set('mic', evenly(1.5))
    await world.decisions.recalibrate('mic', {}, ada)
    const key = [...world.store.values.keys()].find(name => name.includes('calibrations'))!
    const saved = JSON.parse(world.store.values.get(key)!)
    saved.current.gamma.shape = -1
    world.store.values.set(key, JSON.stringify(saved))
    await world.restart({ policy: { policy: 'gamma', quantile: 0.999 } })
    expect(world.decisions.calibrationOf('mic')).toBe(calibration)
    expect(world.decisions.status().reason).toContain('gamma')
  })
})

describe('by the clock', () => {
  const hourly = { config: { recalibrate_every_hours: 24 } }
  const HOUR = 3_600_000

  it('all sources are calibrated anew, as guarded as by hand', async () => {
    world = await new DecisionsWorld(hourly).start()
    world.scores.set('mic', evenly(1.5))
    await world.clock.pass(23 * HOUR)
    expect(world.store.decisions).toEqual([])
    await world.clock.pass(HOUR)
    expect(world.store.decisions).toMatchObject([{ action: 'recalibrated', who: 'schedule', source: 'mic' }])
    world.scores.set('mic', evenly(9))
    world.scores.set('plant/pump-1', evenly(1.2))
    await world.clock.pass(24 * HOUR)
    expect(world.store.decisions.slice(1)).toMatchObject([{ source: 'plant/pump-1', who: 'schedule' }])
  })

  it('restarts do not put it off', async () => {
    world = await new DecisionsWorld(hourly).start()
    world.scores.set('mic', evenly(1.5))
    for (let i = 0; i < 4; i++) {
      await world.clock.pass(7 * HOUR)
      await world.restart()
    }
    expect(world.store.decisions).toHaveLength(1)
  })

  it('nothing happens unless it is wanted, nor after the end', async () => {
    world.scores.set('mic', evenly(1.5))
    await world.clock.pass(1000 * HOUR)
    const other = await new DecisionsWorld(hourly).start()
    other.scores.set('mic', evenly(1.5))
    await other.decisions.stop()
    await other.clock.pass(1000 * HOUR)
    expect([world.store.decisions, other.store.decisions]).toEqual([[], []])
  })
})

describe('a saved state', () => {
  it.each([
    ['of another version', { version: 2, next: 1, thresholds: [], labels: [], mutes: [] }],
    ['that was cut', { version: 1, next: 1 }],
    ['that was edited', { version: 1, next: 1, thresholds: [{ source: 'mic' }], labels: [], mutes: [] }],
    ['that is something else', [1]],
  ])('%s is put aside, and said', async (_, raw) => {
    await world.decisions.mute({ source: 'mic' }, null, ada)
    world.store.put([], { decisions: raw })
    await world.restart()
    expect(world.decisions.mutes()).toEqual([])
    expect(world.decisions.status()).toEqual({
      ok: true,
      reason: expect.stringContaining('saved decisions cannot be used'),
    })
    expect(await world.store.state('decisions/refused')).toEqual(raw)
    const again = await world.decisions.mute({ source: 'mic' }, null, ada)
    expect(again.id).toBe('m2')
    await world.restart()
    expect(world.decisions.mutes()).toHaveLength(1)
    expect(await world.store.state('decisions/refused')).toEqual(raw)
  })

  it('that is not even JSON is said', async () => {
    await world.decisions.mute({ source: 'mic' }, null, ada)
    const damaged = new AuscultError('AUSCULT_STATE', 'a saved state is not JSON')
    const state = async (key: string) => {
      if (key === 'decisions') throw damaged
      return world.store.state(key)
    }
    const { store } = world
    await world.restart({ store: { ...bound(store), last: store.last, state } })
    expect([world.decisions.mutes(), world.decisions.status().reason]).toEqual([
      [],
      'not in force: a saved state is not JSON',
    ])
    expect(await world.decisions.mute({ source: 'mic' }, null, ada)).toMatchObject({ id: 'm2' })
  })

  it('that cannot be read because the store is gone ends the start', async () => {
    const gone = new AuscultError('AUSCULT_STORE', 'the event store is not open')
    const { store } = world
    const state = async () => Promise.reject(gone)
    await expect(world.restart({ store: { ...bound(store), last: 0, state } })).rejects.toBe(gone)
  })

  it('of a calibration is put aside alone', async () => {
    world.scores.set('mic', evenly(1.5))
    await world.decisions.recalibrate('mic', {}, ada)
    await world.decisions.setThreshold('mic', value(4), ada)
    const key = [...world.store.values.keys()].find(name => name.includes('calibrations'))!
    world.store.put([], { [key]: { version: 1, source: 'mic' } })
    await world.restart()
    expect(world.decisions.calibrationOf('mic')).toBe(calibration)
    expect(world.decisions.policyOf('mic')).toEqual(value(4))
    expect(world.decisions.status().reason).toContain('saved calibration')
    expect(await world.store.state(`decisions/refused/${key}`)).toEqual({ version: 1, source: 'mic' })
  })
})
