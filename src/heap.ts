import { setFlagsFromString } from 'node:v8'

/**
 * Has V8 keep the heaps of this process small, at the cost of collecting garbage more often: they would else grow by tens of megabytes while a
 * program is loaded, and keep them. For a daemon with a few feeds; before its modules are loaded.
 */
export function keepHeapsSmall(): void {
  setFlagsFromString('--optimize-for-size')
  setFlagsFromString('--semi-space-growth-factor=1')
}

/** Undoes it, for who has more to do. */
export function letHeapsGrow(): void {
  setFlagsFromString('--no-optimize-for-size')
  setFlagsFromString('--semi-space-growth-factor=2')
}
