import { describe, expect, it } from 'vitest'
import { type KnownOffsets, startOf } from '../../../src/ingest/kafka/offsets.ts'

const known = (options: Partial<KnownOffsets>): KnownOffsets => ({
  topic: 't',
  partition: 0,
  committed: undefined,
  metadata: null,
  low: 10,
  high: 50,
  isKnownTopic: false,
  ...options,
})

describe('startOf', () => {
  it('begins at the committed offset, with what lay beside it', () => {
    expect(startOf(known({ committed: 20, metadata: 'm' }), 'latest')).toEqual({ offset: 20, metadata: 'm' })
    expect(startOf(known({ committed: 50 }), 'earliest').offset).toBe(50)
  })

  it('begins where it is told when nothing was committed', () => {
    expect(startOf(known({}), 'latest').offset).toBe(50)
    expect(startOf(known({}), 'earliest').offset).toBe(10)
  })

  it('reads a partition whole that was added to a topic of the group', () => {
    expect(startOf(known({ isKnownTopic: true }), 'latest').offset).toBe(10)
  })

  it('begins at what is left when the committed offset is gone, and says what is lost', () => {
    expect(startOf(known({ committed: 4, metadata: 'm' }), 'latest')).toEqual({
      offset: 10,
      metadata: null,
      gap: '6 offsets are gone, from 4 on: they were deleted before they were read',
    })
    expect(startOf(known({ committed: 60, low: 0, high: 5 }), 'latest')).toMatchObject({
      offset: 0,
      gap: expect.stringContaining('made anew'),
    })
  })
})
