/** How a class was recognised. */
export interface ClassFigures {
  /** Of the items that were called so, the part that is; 0 where none was called so. */
  precision: number
  /** Of the items that are so, the part that was called so; 0 where there are none. */
  recall: number
  /** Harmonic mean of precision and recall; 0 where both are. */
  f1: number
  /** Items that are so. */
  support: number
}

/** scikit-learn's `classification_report`. */
export interface ClassificationReport {
  classes: Record<string, ClassFigures>
  accuracy: number
  averages: Record<'macro' | 'weighted' | 'micro', Omit<ClassFigures, 'support'>>
  /** `counts[truth][predicted]`, both in the order of `labels`: scikit-learn's `confusion_matrix`. */
  confusion: { labels: string[]; counts: number[][] }
}

const FIGURES = ['precision', 'recall', 'f1'] as const

/**
 * Precision, recall and F1 of each class with their macro (each class alike), weighted (by support) and micro (all items alike) averages:
 * scikit-learn's `precision_recall_fscore_support` with `zero_division=0`. With one class for each item, the micro averages are the accuracy.
 * @param truth `[n]`, n > 0
 * @param predicted `[n]`
 * @param labels order of the classes, all that occur in truth or predicted among them
 */
export function classificationReport(
  truth: readonly string[],
  predicted: readonly string[],
  labels: readonly string[] = [...new Set([...truth, ...predicted])].sort(),
): ClassificationReport {
  const index = new Map(labels.map((label, i) => [label, i]))
  const counts = labels.map(() => Array<number>(labels.length).fill(0))
  for (const [i, word] of truth.entries()) counts[index.get(word)!][index.get(predicted[i])!]++
  const figures = labels.map((_, k): ClassFigures => {
    const correct = counts[k][k]
    const support = sum(counts[k])
    return { ...figuresOf(correct, sum(counts.map(row => row[k])), support), support }
  })
  const correct = sum(labels.map((_, k) => counts[k][k]))
  const averageBy = (weights: readonly number[]) => {
    const mean = (name: 'precision' | 'recall' | 'f1') =>
      weighted(
        figures.map(own => own[name]),
        weights,
      )
    return Object.fromEntries(FIGURES.map(name => [name, mean(name)])) as Omit<ClassFigures, 'support'>
  }
  return {
    classes: Object.fromEntries(labels.map((label, k) => [label, figures[k]])),
    accuracy: correct / truth.length,
    averages: {
      macro: averageBy(labels.map(() => 1)),
      weighted: averageBy(figures.map(({ support }) => support)),
      micro: figuresOf(correct, truth.length, truth.length),
    },
    confusion: { labels: [...labels], counts },
  }
}

function figuresOf(correct: number, called: number, support: number): Omit<ClassFigures, 'support'> {
  const [precision, recall] = [share(correct, called), share(correct, support)]
  return { precision, recall, f1: share(2 * correct, called + support) }
}

const share = (part: number, whole: number): number => (whole > 0 ? part / whole : 0)
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
const weighted = (values: readonly number[], weights: readonly number[]): number =>
  sum(values.map((value, i) => value * weights[i])) / sum(weights)
