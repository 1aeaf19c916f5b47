/** How well scores rank anomalous items above normal ones. */
export interface RankingMeasures {
  roc_auc: number
  partial_roc_auc: number
  average_precision: number
}

/** Items in the order of their scores, to be measured again and again with other weights. */
export class Ranking {
  readonly #anomalous: readonly boolean[]
  /** From the highest score down. */
  readonly #order: Int32Array
  /** Whether the next score is another. */
  readonly #ends: boolean[]

  /**
   * @param anomalous `[n]` true for the class that should score high
   * @param scores `[n]` finite
   */
  constructor(anomalous: readonly boolean[], scores: ArrayLike<number>) {
    this.#anomalous = anomalous
    this.#order = Int32Array.from(anomalous.keys()).sort((a, b) => scores[b] - scores[a])
    this.#ends = Array.from(this.#order, (item, i) => scores[item] !== scores[this.#order[i + 1]])
  }

  /**
   * With `sample_weight` of scikit-learn's `roc_auc_score`, `roc_auc_score(max_fpr=…)` and `average_precision_score`.
   * @param weights `[n]`, not negative, with some of each class
   * @param maxFpr in (0, 1]
   */
  measure(weights: ArrayLike<number>, maxFpr: number): RankingMeasures {
    let [positives, negatives] = [0, 0]
    for (const item of this.#order) {
      if (this.#anomalous[item]) positives += weights[item]
      else negatives += weights[item]
    }
    const most = maxFpr * negatives
    let [tp, fp, lastTp, lastFp] = [0, 0, 0, 0]
    let [area, part, precision] = [0, 0, 0]
    for (let i = 0; i < this.#order.length; i++) {
      const item = this.#order[i]
      if (this.#anomalous[item]) tp += weights[item]
      else fp += weights[item]
      if (!this.#ends[i]) continue
      area += ((fp - lastFp) * (tp + lastTp)) / 2
      if (lastFp < most && fp > lastFp) {
        const reach = Math.min(fp, most)
        const height = lastTp + ((reach - lastFp) / (fp - lastFp)) * (tp - lastTp)
        part += ((reach - lastFp) * (height + lastTp)) / 2
      }
      if (tp > lastTp) precision += (tp - lastTp) * (tp / (tp + fp))
      lastTp = tp
      lastFp = fp
    }
    const all = positives * negatives
    const chance = maxFpr ** 2 / 2
    return {
      roc_auc: area / all,
      // As partialRocAuc: the whole area is not standardised.
      partial_roc_auc: maxFpr >= 1 ? area / all : (1 + (part / all - chance) / (maxFpr - chance)) / 2,
      average_precision: precision / positives,
    }
  }
}
