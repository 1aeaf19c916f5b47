import { beforeEach, describe, expect, it } from 'vitest'
import { muteToJson } from '../../../src/stream/decisions/json.ts'
import { deferred } from '../../../src/stream/deferred.ts'
import { DecisionsWorld, like } from '../../helpers/decisions.ts'

const ada = { who: 'ada', note: 'because' }
const bob = { who: 'bob' }
const born = 'mic/a/9'
let world: DecisionsWorld
beforeEach(async () => {
  world = await new DecisionsWorld().start()
})

const types = () => world.store.events.map(({ type }) => type)

describe('a mute of a source', () => {
  it('is on its episodes, counts each once, and leaves others alone', async () => {
    const mute = await world.decisions.mute({ source: 'mic' }, 3600, ada)
    expect(mute).toEqual({
      ...{ id: 'm1', reason: 'mute', source: 'mic', until: 4_600_000, ...ada, at: 1_000_000 },
      ...{ episodes: 0, dormant: false },
    })
    for (const change of ['opened', 'updated', 'closed'] as const) {
      expect(world.push(change, 1).muted).toEqual({ id: 'm1', reason: 'mute' })
    }
    expect(world.push('explained', 1).muted).toEqual({ id: 'm1', reason: 'mute' })
    world.push('opened', 2)
    expect(world.push('opened', 3, undefined, 'plant/pump-1').muted).toBeUndefined()
    expect(world.decisions.mutes()).toMatchObject([{ episodes: 2, lastAt: 2 }])
    await world.restart()
    world.push('updated', 2)
    world.push('opened', 4)
    expect(world.decisions.mutes()).toMatchObject([{ ...ada, episodes: 3, lastAt: 4 }])
  })

  it('holds at once for what is open, and ends for it', async () => {
    world.push('opened', 1)
    const mute = await world.decisions.mute({ source: 'mic' }, null, ada)
    expect(world.store.episodes()[0]).toMatchObject({ state: 'open', muted: { id: 'm1', reason: 'mute' } })
    expect([mute.episodes, mute.until]).toEqual([1, null])
    world.push('updated', 1)
    expect(world.decisions.mutes()[0].episodes).toBe(1)
    expect(await world.decisions.unmute('m1', bob)).toMatchObject({ id: 'm1', episodes: 1 })
    expect(world.store.episodes()[0].muted).toBeUndefined()
    expect(types()).toEqual([
      'episode.opened',
      'decision',
      'episode.muted',
      'episode.updated',
      'decision',
      'episode.updated',
    ])
    const ids = world.store.events.map(({ eventId }) => eventId)
    expect(new Set(ids).size).toBe(ids.length)
    expect(world.store.decisions[1]).toMatchObject({
      action: 'unmuted',
      who: 'bob',
      source: 'mic',
      before: { episodes: 1 },
    })
    expect(world.decisions.mutes()).toEqual([])
    expect(world.push('closed', 1).muted).toBeUndefined()
  })

  it('ends by the clock, with an entry in the audit log', async () => {
    world.push('opened', 1)
    await world.decisions.mute({ source: 'mic' }, 60, ada)
    await world.decisions.mute({ source: 'plant/pump-1' }, 90, ada)
    await world.clock.pass(59_999)
    expect(world.push('updated', 1).muted).toBeDefined()
    await world.clock.pass(1)
    expect(world.store.episodes()[0].muted).toBeUndefined()
    expect(world.decisions.mutes()).toMatchObject([{ id: 'm2' }])
    expect(world.store.decisions.at(-1)).toMatchObject({
      ...{ action: 'mute.expired', who: 'clock', source: 'mic', time: 1_060_000 },
      ...{ before: { id: 'm1', episodes: 1, last_at: 1 }, after: null },
    })
    await world.clock.pass(30_000)
    expect(world.decisions.mutes()).toEqual([])
  })

  it('that ended while no process ran is over at the start', async () => {
    await world.decisions.mute({ source: 'mic' }, 60, ada)
    await world.decisions.stop()
    await world.clock.pass(61_000)
    await world.restart()
    expect(world.push('opened', 1).muted).toBeUndefined()
    await world.clock.pass(1)
    expect(world.decisions.mutes()).toEqual([])
    expect(world.store.decisions.at(-1)).toMatchObject({ action: 'mute.expired' })
  })

  it('of months does not end with the longest timer', async () => {
    await world.decisions.mute({ source: 'mic' }, 100 * 86_400, ada)
    await world.clock.pass(99 * 86_400_000)
    expect(world.decisions.mutes()).toHaveLength(1)
    await world.clock.pass(86_400_000)
    expect(world.decisions.mutes()).toHaveLength(0)
  })

  it('on its way to the disk holds for what is stored behind it', async () => {
    world.push('opened', 1)
    const { promise, resolve } = deferred()
    world.onPublish = () => promise
    const work = world.decisions.mute({ source: 'mic' }, null, ada)
    await new Promise(resolve => setTimeout(resolve, 2))
    expect(world.decisions.mutes()).toEqual([])
    expect(world.close(1).muted).toEqual({ id: 'm1', reason: 'mute' })
    resolve()
    expect(await work).toMatchObject({ episodes: 1 })
  })

  it.each([
    [{ source: 'mike' }, 60, 'AUSCULT_NOT_FOUND'],
    [{ cluster: 404 }, 60, 'AUSCULT_NOT_FOUND'],
    [{ source: 'mic' }, 0, 'AUSCULT_USAGE'],
    [{ source: 'mic' }, -1, 'AUSCULT_USAGE'],
    [{ source: 'mic' }, Number.NaN, 'AUSCULT_USAGE'],
    [{ source: 'mic' }, 1e12, 'AUSCULT_USAGE'],
  ])('of %o for %d seconds is refused', async (target, seconds, code) => {
    await expect(world.decisions.mute(target, seconds, ada)).rejects.toMatchObject({ code })
    expect(world.store.decisions).toEqual([])
  })

  it('that is not there cannot be ended', async () => {
    await expect(world.decisions.unmute('m1', ada)).rejects.toMatchObject({ code: 'AUSCULT_NOT_FOUND' })
  })

  it('is one of at most a thousand', async () => {
    for (let i = 0; i < 1000; i++) await world.decisions.mute({ source: 'mic' }, null, bob)
    await expect(world.decisions.mute({ source: 'mic' }, null, bob)).rejects.toMatchObject({ code: 'AUSCULT_USAGE' })
    await world.decisions.unmute('m1', bob)
    expect(await world.decisions.mute({ source: 'mic' }, null, bob)).toMatchObject({ id: 'm1002' })
  })
})

describe('a mute of a cluster', () => {
  it('means the cluster by the id that it has now, at any distance', async () => {
    await world.decisions.mute({ cluster: 3 }, null, ada)
    expect(world.decisions.mutes()).toMatchObject([{ cluster: 2, key: 'model-a' }])
    expect(world.push('opened', 1, like(2, 99, born)).muted).toEqual({ id: 'm1', reason: 'mute' })
    expect(world.push('opened', 2, like(1), 'plant/pump-1').muted).toBeUndefined()
    expect(world.push('opened', 3, undefined, 'plant/pump-2').muted).toBeUndefined()
  })

  it('lets go of an episode that turns out to be of another', async () => {
    await world.decisions.mute({ cluster: 1 }, null, ada)
    expect(world.push('opened', 1, like(1)).muted).toBeDefined()
    expect(world.push('updated', 1, like(2)).muted).toBeUndefined()
    expect(world.push('updated', 1, like(1)).muted).toBeDefined()
    expect(world.decisions.mutes()[0].episodes).toBe(1)
  })

  it('waits while another bundle is used', async () => {
    await world.decisions.mute({ cluster: 1 }, null, ada)
    world.clusters.key = 'model-b'
    await world.restart()
    expect(world.push('opened', 1, like(1)).muted).toBeUndefined()
    expect(world.decisions.mutes()).toMatchObject([{ dormant: true }])
    world.clusters.key = 'model-a'
    await world.restart()
    expect(world.push('updated', 1, like(1)).muted).toBeDefined()
  })

  it('keeps the cluster as long as there is one, also over restarts', async () => {
    await world.decisions.mute({ cluster: 3 }, null, ada)
    await world.decisions.mute({ cluster: 2 }, 60, ada)
    await world.clock.pass(60_000)
    expect([...world.clusters.pinned]).toEqual([2])
    await world.restart()
    expect([...world.clusters.pinned]).toEqual([2])
    await world.decisions.unmute('m1', ada)
    expect([...world.clusters.pinned]).toEqual([])
  })

  it('gives way to one of the source', async () => {
    await world.decisions.mute({ cluster: 1 }, null, ada)
    await world.decisions.mute({ source: 'mic' }, null, ada)
    expect(world.push('opened', 1, like(1)).muted?.id).toBe('m2')
    expect(world.decisions.mutes().map(({ episodes }) => episodes)).toEqual([0, 1])
  })
})

describe('a false alarm', () => {
  it('mutes that episode, and what is like it within the radius, which is counted', async () => {
    world.push('opened', 1, like(1, 1.9))
    const { episode, mute } = await world.decisions.falseAlarm('mic/a/1', {}, ada)
    expect(mute).toEqual({
      ...{ id: 'm1', reason: 'false_alarm', cluster: 1, key: 'model-a', episodeId: 'mic/a/1', until: null },
      ...{ ...ada, at: 1_000_000, episodes: 0, dormant: false },
    })
    expect(episode.muted).toEqual({ id: 'm1', reason: 'false_alarm' })
    expect(types()).toEqual(['episode.opened', 'decision', 'episode.muted'])
    expect(world.push('closed', 1, like(1, 3)).muted).toBeDefined()
    expect(world.push('opened', 2, like(1, 2)).muted).toEqual({ id: 'm1', reason: 'false_alarm' })
    expect(world.push('updated', 2, like(1, 2.01)).muted).toBeUndefined()
    expect(world.push('opened', 3, like(1, 2), 'plant/pump-1').muted).toBeDefined()
    expect(world.push('opened', 4, like(2, 0), 'plant/pump-2').muted).toBeUndefined()
    expect(world.decisions.mutes()).toMatchObject([{ episodes: 2, lastAt: 3 }])
    expect(world.store.decisions).toMatchObject([
      {
        action: 'false_alarm',
        source: 'mic',
        cluster: 1,
        episodeId: 'mic/a/1',
        after: { id: 'm1', clusters_key: 'model-a' },
      },
    ])
  })

  it('comes after the close too, for a time and for its source only', async () => {
    world.push('opened', 1, like(1))
    world.push('closed', 1, like(1))
    const options = { seconds: 60, sourceOnly: true }
    const { episode, mute } = await world.decisions.falseAlarm('mic/a/1', options, bob)
    expect([mute.source, mute.until, episode.state]).toEqual(['mic', 1_060_000, 'closed'])
    expect(world.store.episodes()[0]).toMatchObject({ state: 'closed', muted: { id: 'm1' } })
    expect(world.push('explained', 1, like(1)).muted).toBeDefined()
    expect(world.push('opened', 2, like(1)).muted).toBeDefined()
    expect(world.push('opened', 3, like(1), 'plant/pump-1').muted).toBeUndefined()
    await world.clock.pass(60_000)
    expect(world.push('opened', 4, like(1)).muted).toBeUndefined()
  })

  it('wins over a mute of the source for its own episode only', async () => {
    await world.decisions.mute({ source: 'mic' }, null, ada)
    world.push('opened', 1, like(1))
    await world.decisions.falseAlarm('mic/a/1', {}, ada)
    expect(world.push('updated', 1, like(1)).muted).toEqual({ id: 'm2', reason: 'false_alarm' })
    expect(world.push('opened', 2, like(1)).muted).toEqual({ id: 'm1', reason: 'mute' })
  })

  it('holds over a restart, when the episode goes on', async () => {
    world.push('opened', 1, like(1, 5))
    await world.decisions.falseAlarm('mic/a/1', {}, ada)
    await world.restart()
    expect(world.push('updated', 1, like(1, 5)).muted).toEqual({ id: 'm1', reason: 'false_alarm' })
    expect(world.push('opened', 2, like(1, 1)).muted).toBeDefined()
    expect(world.decisions.mutes()[0].episodes).toBe(1)
  })

  it('is taken back by ending its mute', async () => {
    world.push('opened', 1, like(1))
    await world.decisions.falseAlarm('mic/a/1', {}, ada)
    await world.decisions.unmute('m1', bob)
    expect(world.store.episodes()[0].muted).toBeUndefined()
    expect(world.push('updated', 1, like(1)).muted).toBeUndefined()
  })

  it('of an episode without a cluster names another way', async () => {
    world.push('opened', 1)
    await expect(world.decisions.falseAlarm('mic/a/1', {}, ada)).rejects.toMatchObject({
      code: 'AUSCULT_USAGE',
      remedy: 'Mute the source instead: mic.',
    })
  })

  it.each([
    ['that was forgotten', like(7)],
    ['of another bundle', { ...like(2), key: 'model-b' }],
  ])('of a cluster %s is refused', async (_, cluster) => {
    world.push('opened', 1, cluster)
    await expect(world.decisions.falseAlarm('mic/a/1', {}, ada)).rejects.toMatchObject({
      code: 'AUSCULT_NOT_FOUND',
      message: `the cluster ${cluster.id} of this episode is no longer known`,
    })
  })

  it('of an unknown episode is refused', async () => {
    await expect(world.decisions.falseAlarm('mic/a/9', {}, ada)).rejects.toMatchObject({ code: 'AUSCULT_NOT_FOUND' })
  })
})

describe('the JSON form of a mute', () => {
  it('has its names in snake case', async () => {
    world.push('opened', 1, like(1))
    const { mute } = await world.decisions.falseAlarm('mic/a/1', {}, bob)
    world.push('opened', 2, like(1))
    expect(muteToJson(world.decisions.mutes()[0])).toEqual({
      ...{ id: 'm1', reason: 'false_alarm', cluster: 1, clusters_key: 'model-a', episode_id: 'mic/a/1', until: null },
      ...{ who: 'bob', at: 1_000_000, episodes: 1, last_at: 2, dormant: false },
    })
    expect(muteToJson(mute)).not.toHaveProperty('last_at')
  })
})
