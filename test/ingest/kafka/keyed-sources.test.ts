import { describe, expect, it } from 'vitest'
import { KeyedSources } from '../../../src/ingest/kafka/keyed-sources.ts'

const key = (text: string) => Buffer.from(text)

describe('KeyedSources', () => {
  it('names a source by its key, and one without a key by the feed', () => {
    const sources = new KeyedSources('feed', 10)
    expect(sources.of(key('a'), 't/0')?.source).toBe('feed/a')
    expect(sources.of(null, 't/0')?.source).toBe('feed')
    expect(sources.of(key('a'), 't/1')).toBe(sources.of(key('a'), 't/0'))
  })

  it('takes so many keys, and others again when some have left', () => {
    const sources = new KeyedSources('feed', 2)
    for (const [text, place] of [
      ['a', 't/0'],
      ['b', 't/0'],
      ['a', 't/1'],
    ]) {
      expect(sources.of(key(text), place)).toBeDefined()
    }
    expect(sources.of(key('c'), 't/1')).toBeUndefined()
    expect(sources.of(null, 't/1')).toBeDefined()
    expect(sources.leave('t/0')).toEqual(['feed/b'])
    expect(sources.of(key('c'), 't/1')?.source).toBe('feed/c')
    expect(sources.leave('t/1').sort()).toEqual(['feed', 'feed/a', 'feed/c'])
    expect(sources.leave('t/1')).toEqual([])
  })
})
