import { describe, expect, it } from 'vitest'
import { durationText, fullTime, fully, parseDuration, parseTime, relative, shortTime } from '../../src/ctl/time.ts'

describe('parseDuration', () => {
  it.each([
    ['90s', 90],
    ['30m', 1800],
    ['8h', 28_800],
    ['2d', 172_800],
    ['1w', 604_800],
    ['1h30m', 5400],
    ['1h 30m', 5400],
    ['1.5h', 5400],
  ])('reads %s', (text, seconds) => {
    expect(parseDuration(text)).toBe(seconds)
  })

  it.each(['', '8', 'h', '0h', '8x', '8h!', '-8h', '8hours', 'forever', '8h30'])('refuses "%s"', text => {
    expect(() => parseDuration(text)).toThrow(expect.objectContaining({ code: 'AUSCULT_USAGE' }))
  })
})

describe('parseTime', () => {
  const now = Date.parse('2026-11-22T12:00:00Z')
  it.each([
    ['7d', now - 7 * 86_400_000],
    ['1h30m', now - 5_400_000],
    ['2026-11-15', new Date(2026, 10, 15).getTime()],
    ['2026-11-15 08:30', new Date(2026, 10, 15, 8, 30).getTime()],
    ['2026-11-15T08:30:05.250', new Date(2026, 10, 15, 8, 30, 5, 250).getTime()],
    ['2026-11-15T08:30Z', Date.UTC(2026, 10, 15, 8, 30)],
    ['2026-11-15T08:30:00+02:00', Date.UTC(2026, 10, 15, 6, 30)],
  ])('reads %s', (text, time) => {
    expect(parseTime(text, now)).toBe(time)
  })

  it.each(['', 'yesterday', '2026-13-01', '2026-11-15 25:00', '7', '7x', '11/15/2026', '2026-11-15 8:00'])(
    'refuses "%s"',
    text => {
      expect(() => parseTime(text, now)).toThrow(expect.objectContaining({ code: 'AUSCULT_USAGE' }))
    },
  )
})

describe('durationText', () => {
  it.each([
    [0, '0 s'],
    [340, '0.3 s'],
    [9949, '9.9 s'],
    [9950, '10 s'],
    [59_400, '59 s'],
    [60_000, '1 min'],
    [3_599_000, '60 min'],
    [3_600_000, '1 h'],
    [7_500_000, '2 h 5 min'],
    [7_170_000, '2 h'],
    [86_000_000, '23 h'],
    [90_000_000, '1 d 1 h'],
    [30 * 86_400_000 + 3_600_000, '30 d'],
  ])('says %d ms as %s', (ms, text) => {
    expect(durationText(ms)).toBe(text)
  })
})

describe('a time', () => {
  const now = new Date(2026, 10, 22, 14, 3, 7).getTime()

  it.each([
    [0, 'now'],
    [999, 'now'],
    [1000, '1 s ago'],
    [180_000, '3 min ago'],
    [-7_200_000, 'in 2 h'],
  ])('%d ms before now is %s', (ms, text) => {
    expect(relative(now - ms, now)).toBe(text)
  })

  it('is as short as it can be told', () => {
    expect(shortTime(new Date(2026, 10, 22, 4, 5, 6).getTime(), now)).toBe('04:05:06')
    expect(shortTime(new Date(2026, 10, 21, 4, 5, 6).getTime(), now)).toBe('11-21 04:05')
    expect(shortTime(new Date(2025, 10, 22, 4, 5, 6).getTime(), now)).toBe('2025-11-22')
  })

  it('is local', () => {
    expect(fullTime(now)).toBe('2026-11-22 14:03:07')
    expect(fully(now - 60_000, now)).toBe('2026-11-22 14:02:07 (1 min ago)')
  })
})
