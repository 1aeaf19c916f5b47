import { describe, expect, it } from 'vitest'
import { AuscultError } from '../../../src/errors.ts'
import { kindOfText, USUAL_KINDS } from '../../../src/stream/websocket/kinds.ts'
import { readQuery } from '../../../src/stream/websocket/query.ts'
import { choiceOf, choiceSchema, subscriptionOf, wantsSource } from '../../../src/stream/websocket/subscription.ts'

const read = (query: string) => readQuery(`/v1/stream${query}`)

/** What is wrong with it. */
function refusal(query: string) {
  try {
    read(query)
  } catch (error) {
    if (error instanceof AuscultError) return error
  }
  throw new Error(`not refused: ${query}`)
}

describe('readQuery', () => {
  it('takes everything but status when nothing is said', () => {
    const { subscription, after, store } = read('')
    expect(choiceOf(subscription)).toEqual({ sources: null, kinds: [...USUAL_KINDS], every: 0, detail: [], view: [] })
    expect([after, store]).toEqual([undefined, undefined])
    expect(USUAL_KINDS).not.toContain('status')
  })

  it('takes what is asked for', () => {
    const query = '?source=b&source=a&kind=score&kind=episode&every=0.5&detail=fan&view=fan&after=10&store=x'
    const { subscription, after, store } = read(query)
    expect(choiceOf(subscription)).toEqual({
      ...{ sources: ['a', 'b'], kinds: ['score', 'episode'], every: 0.5, detail: ['fan'], view: ['fan'] },
    })
    expect([after, store]).toEqual([10, 'x'])
  })

  it('takes names with signs', () => {
    expect(read('?source=line%2F2%20%C3%A4').subscription.sources).toEqual(new Set(['line/2 ä']))
  })

  it.each([
    ['?scores=0', 'scores'],
    ['?after=', 'after'],
    ['?after=-1', 'after'],
    ['?after=1&after=2', 'after'],
    ['?every=x', 'every'],
    ['?every=3601', 'every'],
    ['?every=-1', 'every'],
    ['?kind=noise', 'kind.0'],
    ['?source=', 'source.0'],
    [`?source=${'x'.repeat(1001)}`, 'source.0'],
    ['?view=a&view=b&view=c&view=d&view=e', 'view'],
    ['?store=', 'store'],
  ])('refuses %s and names it', (query, at) => {
    expect(refusal(query)).toMatchObject({ status: 400, code: 'AUSCULT_USAGE', at: `/v1/stream?${at}` })
    expect(refusal(query).remedy).toContain('docs/websocket.md')
  })
})

describe('subscriptionOf', () => {
  it('gives those who want the same one key, in whatever order they say it', () => {
    const key = (choice: object) => subscriptionOf(choiceSchema.parse(choice)).key
    expect(key({ sources: ['a', 'b', 'a'], kinds: ['drift', 'score'] })).toBe(
      key({ kinds: ['score', 'drift', 'score'], sources: ['b', 'a'], every: 0 }),
    )
    expect(key({ every: 1 })).not.toBe(key({}))
    expect(key({ sources: [] })).not.toBe(key({ sources: null }))
  })

  it('lets through what is about all sources', () => {
    const some = subscriptionOf(choiceSchema.parse({ sources: ['a'] }))
    expect(['a', 'b', ''].map(source => wantsSource(some, source))).toEqual([true, false, true])
    const all = subscriptionOf(choiceSchema.parse({}))
    expect(wantsSource(all, 'b')).toBe(true)
  })
})

it('tells the kind of a stored event from its text', () => {
  expect(kindOfText('{"type":"source.troubled","event_id":"x"}')).toBe('source')
  expect(kindOfText('{"type":"decision","event_id":"x"}')).toBe('decision')
})
