import { describe, expect, it } from 'vitest'
import { advanceSchedule, startSchedule } from '../../src/train/schedule.ts'

const options = {
  learning_rate: 0.1,
  reduce_on_plateau: { factor: 0.5, patience: 2, min_delta: 0, min_lr: 0.03 },
  early_stopping: { patience: 4, min_delta: 0.01 },
}
const run = (losses: number[], o = options) => {
  let state = startSchedule(o.learning_rate)
  return losses.map(loss => {
    const step = advanceSchedule(state, loss, o)
    state = step.state
    return { rate: state.learningRate, improved: step.improved, stop: step.stop }
  })
}

describe('advanceSchedule', () => {
  it('lowers the rate after each run of stale epochs, down to the least', () => {
    expect(run([1, 0.5, 0.6, 0.5, 0.6, 0.6, 0.4]).map(s => s.rate)).toEqual([0.1, 0.1, 0.1, 0.05, 0.05, 0.03, 0.03])
  })

  it('stops after epochs without enough improvement, though small ones keep weights', () => {
    const steps = run([1, 0.999, 0.998, 0.997, 0.996])
    expect(steps.map(s => s.improved)).toEqual([true, true, true, true, true])
    expect(steps.map(s => s.stop)).toEqual([false, false, false, false, true])
  })

  it('counts slow improvement from the last best, so that its sum is seen', () => {
    expect(run([1, 0.995, 0.985, 0.98, 0.97]).some(s => s.stop)).toBe(false)
  })

  it('neither stops nor lowers with patience 0', () => {
    const off = {
      ...options,
      reduce_on_plateau: { ...options.reduce_on_plateau, patience: 0 },
      early_stopping: { patience: 0, min_delta: 0 },
    }
    expect(run(Array(50).fill(1), off).at(-1)).toEqual({ rate: 0.1, improved: false, stop: false })
  })

  it('keeps a state that JSON can hold', () => {
    const start = startSchedule(0.1)
    expect(JSON.parse(JSON.stringify(start))).toEqual(start)
  })
})
