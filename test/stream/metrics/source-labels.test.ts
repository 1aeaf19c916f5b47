import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { OTHERS, SourceLabels } from '../../../src/stream/metrics/source-labels.ts'
import type { SourceState, SourceStatus } from '../../../src/stream/telemetry.ts'

const total = (counts: Readonly<Record<string, number>>) => Object.values(counts).reduce((sum, n) => sum + n, 0)

/** A source that has scored all that it received, besides what is said. */
function source(name: string, status: Partial<SourceStatus> = {}): SourceStatus {
  return {
    ...{ name, state: 'running', conditions: {}, gaps: 0, late: 0, restarts: 0, lag: undefined },
    account: { received: 10, scored: 10, dropped: {}, failed: {}, inFlight: 0 },
    ...{ queued: 0, threshold: 1, score: 0.5, suppressed: 0, episodes: 0, episodeOpen: false },
    ...status,
  }
}

function make(max_sources: number, handed_over_seconds = 600) {
  let now = 0
  const labels = new SourceLabels({ max_sources, handed_over_seconds }, () => now)
  const shown = async (...sources: SourceStatus[]) =>
    Object.fromEntries((await labels.label(sources)).map(({ label, status }) => [label, status]))
  const pass = (seconds: number) => {
    now += seconds * 1000
  }
  return { labels, shown, pass }
}

describe('SourceLabels', () => {
  it('gives sources their names, feeds before keys', async () => {
    const { labels, shown } = make(3)
    expect(Object.keys(await shown(source('a'), source('a/1'), source('a/2'), source('b')))).toEqual([
      'a',
      'a/1',
      'b',
      OTHERS,
    ])
    expect(labels.omitted).toBe(1)
  })

  it('has no others while all have a place', async () => {
    expect(Object.keys(await make(2).shown(source('a'), source('b')))).toEqual(['a', 'b'])
  })

  it('keeps those that came first, whatever order they are named in', async () => {
    const { shown } = make(2)
    await shown(source('b'), source('c'))
    expect(Object.keys(await shown(source('a'), source('b'), source('c')))).toEqual(['b', 'c', OTHERS])
  })

  it('adds up what the others count', async () => {
    const counts = { received: 7, scored: 1, dropped: { overflow: 2 }, failed: { decode: 3 }, inFlight: 1 }
    const numbers = { queued: 1, suppressed: 2, episodes: 3, mutedEpisodes: 1, gaps: 4, late: 5, restarts: 6, lag: 7 }
    const each = { ...numbers, account: counts }
    const { shown } = make(1)
    const { [OTHERS]: others } = await shown(source('a'), source('b', each), source('c', each), source('d'))
    expect(others).toMatchObject({
      account: { received: 24, scored: 12, dropped: { overflow: 4 }, failed: { decode: 6 }, inFlight: 2 },
      ...{ queued: 2, suppressed: 4, episodes: 6, mutedEpisodes: 2, gaps: 8, late: 10, restarts: 12, lag: 14 },
    })
  })

  it('is as alarmed as any of the others', async () => {
    const { shown } = make(1)
    const drift = { psi: 0.1, level: 1, drifting: { level: 'up' as const, distribution: undefined }, factor: 1 }
    const { [OTHERS]: others } = await shown(
      source('a'),
      source('quiet', { lastWindowAt: 9000, drift: { ...drift, psi: 0.3, drifting: { level: undefined } } }),
      source('old', { lastWindowAt: 5000, score: 3, threshold: 4, drift }),
      source('loud', { score: 2, threshold: 1, episodeOpen: true, drift: { ...drift, factor: 2 } }),
      source('muted', { episodeOpen: true, muted: true, conditions: { silence: 'nothing is heard' } }),
      source('new', { score: undefined }),
      source('done', { state: 'ended', lastWindowAt: 1000 }),
    )
    expect(others).toMatchObject({
      ...{ state: 'ended', score: 2, threshold: 1, episodeOpen: true, muted: false, lastWindowAt: 5000 },
      conditions: { silence: 'nothing is heard' },
      drift: { psi: 0.3, level: undefined, drifting: { level: 'up' }, factor: 2 },
    })
  })

  it('is muted when all that is open of the others is', async () => {
    const { shown } = make(1)
    const { [OTHERS]: others } = await shown(source('a'), source('b', { episodeOpen: true, muted: true }), source('c'))
    expect(others).toMatchObject({ state: 'running', episodeOpen: true, muted: true })
  })

  it('leaves out a source that another daemon has had for long, and gives its place away', async () => {
    const { labels, shown, pass } = make(1, 60)
    const away = source('a', { state: 'handed_over' })
    await shown(source('a'))
    expect(Object.keys(await shown(away))).toEqual(['a'])
    pass(59)
    expect(Object.keys(await shown(away))).toEqual(['a'])
    pass(1)
    expect(Object.keys(await shown(away))).toEqual([])
    expect(Object.keys(await shown(away, source('b')))).toEqual(['b'])
    const back = source('a', { account: { ...away.account, received: 14, scored: 13, inFlight: 1 } })
    const { [OTHERS]: others } = await shown(back, source('b'))
    expect(others.account).toEqual({ received: 4, scored: 3, dropped: {}, failed: {}, inFlight: 1 })
    expect(labels.omitted).toBe(1)
  })

  it('counts the time away anew when a source was back', async () => {
    const { shown, pass } = make(5, 60)
    await shown(source('a', { state: 'handed_over' }))
    pass(40)
    await shown(source('a'))
    await shown(source('a', { state: 'handed_over' }))
    pass(40)
    expect(Object.keys(await shown(source('a', { state: 'handed_over' })))).toEqual(['a'])
  })

  it('adds to the others a name that is theirs, or cannot be told from one that has its place', async () => {
    const { shown } = make(9)
    const labels = await shown(source('x\ud800'), source('x\udbff'), source(OTHERS))
    expect(Object.keys(labels)).toEqual(['x\ufffd', OTHERS])
    expect(labels[OTHERS].account.received).toBe(20)
  })

  it('balances, and no counter falls, whatever comes and goes', async () => {
    const states: SourceState[] = ['running', 'handed_over', 'down', 'ended']
    const change = fc.record({
      source: fc.integer({ min: 0, max: 7 }),
      state: fc.constantFrom(...states),
      received: fc.integer({ min: 0, max: 5 }),
      settled: fc.array(fc.constantFrom('scored', 'overflow', 'decode'), { maxLength: 4 }),
      seconds: fc.integer({ min: 0, max: 40 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 6 }), fc.array(change, { maxLength: 60 }), async (most, changes) => {
        const { labels, shown, pass } = make(most, 60)
        const sources = new Map<string, SourceStatus>()
        let before: Record<string, SourceStatus> = {}
        let others: SourceStatus | undefined
        for (const { source: i, state, received, settled, seconds } of changes) {
          const name = `k/${i}`
          sources.set(name, next(sources.get(name) ?? source(name), state, received, settled))
          pass(seconds)
          const now = await shown(...sources.values())
          expect(Object.keys(now).length).toBeLessThanOrEqual(most + 1)
          for (const [label, { account }] of Object.entries(now)) {
            const { received, scored, dropped, failed, inFlight } = account
            expect(received).toBe(scored + total(dropped) + total(failed) + inFlight)
            const earlier = label === OTHERS ? others : before[label]
            if (earlier) expect(counters(now[label])).toSatisfy((each: number[]) => atLeast(each, counters(earlier)))
          }
          others = now[OTHERS] ?? others
          before = now
          expect(labels.omitted).toBeLessThanOrEqual(sources.size)
        }
      }),
    )
  })
})

/** The source after some windows; handed over only when nothing is in flight. */
function next(status: SourceStatus, state: SourceState, received: number, settled: readonly string[]): SourceStatus {
  const account = { ...status.account, received: status.account.received + received }
  let inFlight = status.account.inFlight + received
  const dropped = { ...account.dropped }
  const failed = { ...account.failed }
  for (const outcome of settled.slice(0, inFlight)) {
    inFlight--
    if (outcome === 'scored') account.scored++
    else if (outcome === 'overflow') dropped.overflow = (dropped.overflow ?? 0) + 1
    else failed.decode = (failed.decode ?? 0) + 1
  }
  const isAway = state === 'handed_over' && inFlight === 0
  return {
    ...status,
    account: { ...account, dropped, failed, inFlight },
    state: isAway ? state : 'running',
    episodes: status.episodes + 1,
  }
}

const counters = ({ account, episodes }: SourceStatus): number[] => [
  account.received,
  account.scored,
  total(account.dropped),
  total(account.failed),
  episodes,
]

const atLeast = (values: readonly number[], others: readonly number[]) => values.every((value, i) => value >= others[i])
