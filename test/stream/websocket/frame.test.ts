import { describe, expect, it } from 'vitest'
import { textFrame } from '../../../src/stream/websocket/frame.ts'

describe('textFrame', () => {
  // RFC 6455, section 5.7, gives the first and the others in the same form.
  it.each([
    ['Hello', '8105'],
    ['', '8100'],
    ['x'.repeat(125), '817d'],
    ['x'.repeat(126), '817e007e'],
    ['x'.repeat(256), '817e0100'],
    ['x'.repeat(65_535), '817effff'],
    ['x'.repeat(65_536), '817f0000000000010000'],
    ['µs 🔊', '8108'],
  ])('begins as the protocol says: %.8s', (text, head) => {
    const frame = textFrame(text)
    expect(frame.toString('hex', 0, head.length / 2)).toBe(head)
    expect(frame.toString('utf8', head.length / 2)).toBe(text)
  })
})
