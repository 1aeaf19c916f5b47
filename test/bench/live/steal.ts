import { readFileSync } from 'node:fs'

/** Time of all cores since the machine started, and the part of it that the host gave to others, in ticks. Zeros where nobody says. */
export function cpuTime(): { total: number; stolen: number } {
  try {
    const times = readFileSync('/proc/stat', 'utf8').split('\n', 1)[0].trim().split(/\s+/).slice(1, 9).map(Number)
    return { total: times.reduce((sum, time) => sum + time, 0), stolen: times[7] ?? 0 }
  } catch {
    return { total: 0, stolen: 0 }
  }
}
