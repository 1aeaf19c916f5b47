import { type Clock, systemClock } from '../clock.ts'

/** A clock that runs `speed` times as fast as another from the moment it is made, so that a recorded feed can be watched in less time. */
export function pacedClock(speed: number, inner: Clock = systemClock): Clock {
  const start = inner.now()
  return {
    now: () => start + (inner.now() - start) * speed,
    sleep: (ms, signal) => inner.sleep(ms / speed, signal),
  }
}
