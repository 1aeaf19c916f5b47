import { AuscultError } from '../errors.ts'

/** Counts of a decision at one threshold. Positive = anomalous. */
export interface Confusion {
  true_positive: number
  false_positive: number
  true_negative: number
  false_negative: number
}

/** One point per distinct score, from the highest score down; the first is (0, 0). */
export interface RocCurve {
  fpr: number[]
  tpr: number[]
}

/** The ROC curve with the precision at each of its points; recall is the true positive rate. */
export interface OperatingCurve extends RocCurve {
  /** The score from which on items are called anomalous; null for the first point, where none is. */
  threshold: (number | null)[]
  /** 1 at the first point, where nothing is called. */
  precision: number[]
}

/**
 * Area under the ROC curve, ties counted half (equal to the Mann–Whitney statistic; scikit-learn's `roc_auc_score`).
 * @param anomalous `[n]` the truth, true for the class that should score high
 * @param scores `[n]` finite
 * @returns 0…1
 * @throws AUSCULT_LABELS when only one class is present
 */
export function rocAuc(anomalous: readonly boolean[], scores: ArrayLike<number>): number {
  const { fpr, tpr } = rocCurve(anomalous, scores)
  return trapezoid(fpr, tpr)
}

/**
 * Area under the ROC curve up to `maxFpr`, standardised after McClish (1989) so that chance is 0.5 and perfect is 1:
 * scikit-learn's `roc_auc_score(max_fpr=…)`, DCASE Task 2's pAUC with 0.1.
 * @param maxFpr in (0, 1]
 * @throws AUSCULT_LABELS when only one class is present
 */
export function partialRocAuc(anomalous: readonly boolean[], scores: ArrayLike<number>, maxFpr = 0.1): number {
  const { fpr, tpr } = rocCurve(anomalous, scores)
  if (maxFpr >= 1) return trapezoid(fpr, tpr)
  let stop = 0
  while (stop < fpr.length && fpr[stop] <= maxFpr) stop++
  const x = fpr.slice(0, stop)
  const y = tpr.slice(0, stop)
  const fraction = (maxFpr - fpr[stop - 1]) / (fpr[stop] - fpr[stop - 1])
  x.push(maxFpr)
  y.push(tpr[stop - 1] + fraction * (tpr[stop] - tpr[stop - 1]))
  const chance = maxFpr ** 2 / 2
  return (1 + (trapezoid(x, y) - chance) / (maxFpr - chance)) / 2
}

/**
 * Σ (recallᵢ − recallᵢ₋₁) · precisionᵢ over the distinct scores: scikit-learn's `average_precision_score`.
 * @returns 0…1
 * @throws AUSCULT_LABELS when only one class is present
 */
export function averagePrecision(anomalous: readonly boolean[], scores: ArrayLike<number>): number {
  const positives = countClasses(anomalous, scores).positives
  let sum = 0
  let last = 0
  for (const { tp, fp } of cumulativeCounts(anomalous, scores)) {
    sum += ((tp - last) / positives) * (tp / (tp + fp))
    last = tp
  }
  return sum
}

/** A score above the threshold is called anomalous. One class alone is allowed. */
export function confusion(anomalous: readonly boolean[], scores: ArrayLike<number>, threshold: number): Confusion {
  const counts: Confusion = { true_positive: 0, false_positive: 0, true_negative: 0, false_negative: 0 }
  anomalous.forEach((truth, i) => {
    const flagged = scores[i] > threshold
    if (flagged) counts[truth ? 'true_positive' : 'false_positive']++
    else counts[truth ? 'false_negative' : 'true_negative']++
  })
  return counts
}

/** @throws AUSCULT_LABELS when only one class is present */
export function rocCurve(anomalous: readonly boolean[], scores: ArrayLike<number>): RocCurve {
  const { positives, negatives } = countClasses(anomalous, scores)
  const fpr = [0]
  const tpr = [0]
  for (const { tp, fp } of cumulativeCounts(anomalous, scores)) {
    fpr.push(fp / negatives)
    tpr.push(tp / positives)
  }
  return { fpr, tpr }
}

/** scikit-learn's `roc_curve` without dropped points, and `precision_recall_curve` from its end. @throws AUSCULT_LABELS when only one class is present */
export function operatingCurve(anomalous: readonly boolean[], scores: ArrayLike<number>): OperatingCurve {
  const { positives, negatives } = countClasses(anomalous, scores)
  const curve: OperatingCurve = { threshold: [null], fpr: [0], tpr: [0], precision: [1] }
  for (const { tp, fp, score } of cumulativeCounts(anomalous, scores)) {
    curve.threshold.push(score)
    curve.fpr.push(fp / negatives)
    curve.tpr.push(tp / positives)
    curve.precision.push(tp / (tp + fp))
  }
  return curve
}

/** True and false positives with each distinct score as the threshold, from the highest down. */
function* cumulativeCounts(anomalous: readonly boolean[], scores: ArrayLike<number>) {
  const order = Array.from(anomalous.keys()).sort((a, b) => scores[b] - scores[a])
  let tp = 0
  let fp = 0
  for (let i = 0; i < order.length; i++) {
    if (anomalous[order[i]]) tp++
    else fp++
    if (i === order.length - 1 || scores[order[i + 1]] !== scores[order[i]]) yield { tp, fp, score: scores[order[i]] }
  }
}

function countClasses(anomalous: readonly boolean[], scores: ArrayLike<number>) {
  if (anomalous.length !== scores.length) {
    throw new RangeError(`${anomalous.length} labels for ${scores.length} scores`)
  }
  const positives = anomalous.filter(Boolean).length
  const negatives = anomalous.length - positives
  if (positives === 0 || negatives === 0) {
    throw new AuscultError('AUSCULT_LABELS', 'a ranking metric needs normal and anomalous recordings', {
      remedy: 'Label at least one recording 1 (normal) and one -1 (anomalous).',
    })
  }
  return { positives, negatives }
}

function trapezoid(x: readonly number[], y: readonly number[]): number {
  let area = 0
  for (let i = 1; i < x.length; i++) area += ((x[i] - x[i - 1]) * (y[i] + y[i - 1])) / 2
  return area
}
