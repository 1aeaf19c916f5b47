import { describe, expect, it } from 'vitest'
import { bytesOf, headerOf, parseTime, placeOf } from '../../../../src/ingest/kafka/payload/message.ts'

const INVALID = expect.objectContaining({ code: 'AUSCULT_INPUT_INVALID', at: 'press/0/7' })
const at = placeOf('press', 0, '7')

describe('parseTime', () => {
  it.each([
    [0, 0],
    [1_767_225_600_000.25, 1_767_225_600_000.25],
    ['1767225600000', 1_767_225_600_000],
    [' 1767225600000.125 ', 1_767_225_600_000.125],
    ['2026-01-01T00:00:00Z', 1_767_225_600_000],
    ['2026-01-01T01:30:00.250+01:30', 1_767_225_600_250],
    ['2026-01-01T00:00Z', 1_767_225_600_000],
  ])('reads %j', (value, time) => {
    expect(parseTime(value, at)).toBe(time)
  })

  it.each(
    [
      ['', '2026-01-01T00:00:00', '2026-01-01', 'now', '1e300', '99999999999999999', 'NaN'],
      [Number.NaN, Number.POSITIVE_INFINITY, 8.65e15, -8.65e15],
      [null, undefined, true, [1], { t: 1 }, 'x'.repeat(1e6)],
    ].flat(),
  )('refuses %s', value => {
    expect(() => parseTime(value, at)).toThrow(INVALID)
  })
})

describe('headerOf', () => {
  const message = (headers: Parameters<typeof headerOf>[0]['headers']) => ({ value: null, at, headers })

  it('is text, the last of several', () => {
    expect(headerOf(message({ n: Buffer.from('12') }), 'n')).toBe('12')
    expect(headerOf(message({ n: '12' }), 'n')).toBe('12')
    expect(headerOf(message({ n: ['12', Buffer.from('13')] }), 'n')).toBe('13')
  })

  it.each([undefined, {}, { m: '12' }, { n: undefined }, { n: [] }])('must be there: %j', headers => {
    expect(() => headerOf(message(headers), 'n')).toThrow(INVALID)
    expect(() => headerOf(message(headers), 'toString')).toThrow(INVALID)
  })
})

describe('bytesOf', () => {
  it('refuses a message without a value', () => {
    expect(bytesOf({ value: Buffer.from([1]), at })).toEqual(Buffer.from([1]))
    expect(() => bytesOf({ value: null, at })).toThrow(INVALID)
    expect(() => bytesOf({ value: Buffer.alloc(0), at })).toThrow(INVALID)
  })
})
