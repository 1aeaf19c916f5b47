import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { SaveTimer } from '../../../src/stream/clusters/save-timer.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

it('calls once, at the earliest of the times asked for, and can be asked again', () => {
  const call = vi.fn()
  const timer = new SaveTimer(call)
  for (const ms of [500, 100, 300]) timer.within(ms)
  vi.advanceTimersByTime(99)
  expect(call).toHaveBeenCalledTimes(0)
  vi.advanceTimersByTime(1000)
  expect(call).toHaveBeenCalledTimes(1)
  timer.within(300)
  vi.advanceTimersByTime(300)
  expect(call).toHaveBeenCalledTimes(2)
})

it('does not call when it is cancelled', () => {
  const call = vi.fn()
  const timer = new SaveTimer(call)
  timer.within(100)
  timer.cancel()
  vi.advanceTimersByTime(1000)
  expect(call).not.toHaveBeenCalled()
  timer.within(100)
  vi.advanceTimersByTime(100)
  expect(call).toHaveBeenCalledTimes(1)
})
