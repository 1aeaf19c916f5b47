import { describe, expect, it } from 'vitest'
import { Receiver } from 'ws'
import { textFrame } from '../../../src/stream/websocket/frame.ts'

/** What a library makes of the bytes. */
function read(bytes: Buffer): Promise<string> {
  const receiver = new Receiver({ isServer: false })
  return new Promise((resolve, reject) => {
    receiver.on('message', (data: Buffer) => resolve(data.toString()))
    receiver.on('error', reject)
    receiver.write(bytes)
  })
}

describe('textFrame', () => {
  it.each([0, 1, 125, 126, 127, 65_535, 65_536, 200_000])('makes a frame of %i bytes', async size => {
    const text = 'x'.repeat(size)
    expect(await read(textFrame(text))).toBe(text)
  })

  it('counts bytes, not characters', async () => {
    const text = 'größer als 2 µs – 🔊'.repeat(5)
    expect(await read(textFrame(text))).toBe(text)
    expect(await read(textFrame(text.repeat(1000)))).toBe(text.repeat(1000))
  })
})
