import { describe, expect, it } from 'vitest'
import { calibrationWarning } from '../../src/train/calibrate.ts'

describe('calibrationWarning', () => {
  const portions = (files: number, windows: number) =>
    Array.from({ length: files }, (_, i) => ({ path: `${i}.wav`, from: 5, to: 5 + windows }))

  it.each([
    [portions(2, 20), /40 windows of 2 recordings.*100.*split\.calibration/],
    [portions(1, 500), /500 windows of 1 recording\b.*differ.*split\.calibration/],
    [portions(1, 1), /1 window of 1 recording\b.*100.*split\.calibration/],
  ])('says what a threshold rests on when that is little', (calibration, text) => {
    expect(calibrationWarning(calibration)).toEqual([expect.stringMatching(text)])
  })

  it('is silent about enough of them', () => {
    expect(calibrationWarning(portions(2, 50))).toEqual([])
  })

  it('counts a recording that lies in parts once', () => {
    expect(calibrationWarning([...portions(1, 100), ...portions(1, 100)]).join()).toContain(
      '200 windows of 1 recording',
    )
  })
})
