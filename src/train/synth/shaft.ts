import type { Random } from '../../random.ts'
import { FRAME, FRAME_SECONDS, type Frame, SAMPLE_RATE } from './frame.ts'
import { Wander } from './wander.ts'

/** Slip of an induction motor between idling and full load: 1 to 3 % in small machines. */
const SLIP = 0.015
/** Seconds in which the process follows a new set point. */
const LAG = 4

/**
 * The shaft and what it drives. The operator (or the process) gives a new set point every half minute or so; load follows it
 * with a lag and wavers around it; an induction motor turns a little slower under load; and the speed is never quite steady.
 */
export class Shaft {
  private readonly random: Random
  private readonly hz: number
  private readonly waver: Wander
  private readonly speed: Wander
  private angle: number
  private demand: number
  private followed: number
  private untilChange = 0

  /** @param hz turns per second at half load */
  constructor(random: Random, hz: number) {
    this.random = random
    this.hz = hz
    this.waver = new Wander(random, 6, 0.05, FRAME_SECONDS)
    this.speed = new Wander(random, 2, 0.0015, FRAME_SECONDS)
    this.angle = 2 * Math.PI * random.uniform()
    this.demand = 0.15 + 0.7 * random.uniform()
    this.followed = this.demand
  }

  /** Fills in the frame's load and angles. */
  advance(frame: Frame): void {
    if (this.untilChange <= 0) {
      this.demand = 0.15 + 0.7 * this.random.uniform()
      this.untilChange = 15 + 30 * this.random.uniform()
    }
    this.untilChange -= FRAME_SECONDS
    this.followed += ((this.demand - this.followed) * FRAME_SECONDS) / LAG
    frame.load = Math.min(1, Math.max(0, this.followed + this.waver.step()))
    const hz = this.hz * (1 - SLIP * (frame.load - 0.5) + this.speed.step())
    const step = (2 * Math.PI * hz) / SAMPLE_RATE
    for (let i = 0; i < FRAME; i++) frame.angle[i] = this.angle += step
  }
}
