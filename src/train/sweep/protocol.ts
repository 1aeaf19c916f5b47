import type { TrainConfig } from '../config.ts'
import type { Done } from './result.ts'

/** What a member's process is sent once. */
export interface ToMember {
  config: TrainConfig
  /** Whether to go on from its checkpoint. */
  resume: boolean
  labels: string | null
  aggregate: 'mean' | 'max'
}

/** What it answers once. */
export type FromMember = { type: 'done'; result: Done } | { type: 'failed'; code: string | null; message: string }
