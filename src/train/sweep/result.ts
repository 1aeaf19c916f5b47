import type { Bootstrap } from '../retrain.ts'
import type { TrainingResult } from '../trainer.ts'
import type { Values } from './members.ts'

/** A member of a sweep that ended well. */
export interface Done {
  state: 'done'
  bundle: string
  ended: TrainingResult['ended']
  epochs: number
  best_epoch: number
  /** Of the best epoch. */
  train_loss: number
  validation_loss: number | null
  bootstrap: Bootstrap | null
  threshold: number
  /** Null without labels of both kinds. */
  roc_auc: number | null
  partial_roc_auc: number | null
  average_precision: number | null
  seconds: number
  warnings: string[]
}

/** One that did not. Its log says more. */
export interface Failed {
  state: 'failed'
  code: string | null
  message: string
  log: string
}

/** One that an interrupted sweep has not come to, or not to the end of. */
export interface Missing {
  state: 'missing'
}

export type MemberResult = { id: string; values: Values } & (Done | Failed | Missing)

/** What `auscult train --json` prints of a sweep, and what `sweep.json` holds. */
export interface SweepResult {
  format: 1
  name: string
  folder: string
  /** Hash of the configuration that all results belong to. */
  config: string
  created: string
  /** What the members are sorted by, the best first. */
  sorted_by: 'roc_auc' | 'validation_loss' | 'train_loss'
  /** The bundle of the first; null where none is done. */
  best: string | null
  done: number
  failed: number
  missing: number
  seconds: number
  members: MemberResult[]
}

const isDone = (member: MemberResult): member is { id: string; values: Values } & Done => member.state === 'done'

/** The best first: by ROC-AUC where there is one, then by validation loss, or training loss where nothing is held out; then what failed. */
export function rank(members: readonly MemberResult[]): Pick<SweepResult, 'members' | 'sorted_by'> {
  const done = members.filter(isDone)
  const labelled = done.some(({ roc_auc }) => roc_auc !== null)
  const validated = done.some(({ validation_loss }) => validation_loss !== null)
  const loss = (member: Done) => member.validation_loss ?? member.train_loss
  const auc = (member: Done) => member.roc_auc ?? -1
  const sorted = done.toSorted((a, b) => auc(b) - auc(a) || loss(a) - loss(b))
  const rest = members.filter(member => !isDone(member)).sort((a, b) => a.state.localeCompare(b.state))
  return {
    members: [...sorted, ...rest],
    sorted_by: labelled ? 'roc_auc' : validated || done.length === 0 ? 'validation_loss' : 'train_loss',
  }
}
