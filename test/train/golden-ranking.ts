import { readFileSync } from 'node:fs'
import type { RankingMeasures } from '../../src/train/ranking.ts'

interface Ranked {
  anomalous: boolean[]
  scores: number[]
  max_fpr: number
}

/** By test/fixtures/ranking/make.py, with scikit-learn, numpy and scipy. */
export const golden: {
  weighted: (Ranked & { weights: number[]; measures: RankingMeasures })[]
  curves: (Ranked & { fpr: number[]; tpr: number[]; threshold: (number | null)[]; precision: number[] })[]
  /** Of the first scores, the others, and the others less the first; in the order of MEASURES. */
  bootstraps: (Ranked & { other: number[]; units: number[]; low: number[][]; high: number[][] })[]
  reports: {
    truth: string[]
    predicted: string[]
    labels: string[]
    classes: [precision: number, recall: number, f1: number, support: number][]
    averages: Record<'macro' | 'weighted' | 'micro', [precision: number, recall: number, f1: number]>
    accuracy: number
    confusion: number[][]
  }[]
  harmonic_means: { values: number[]; mean: number }[]
} = JSON.parse(readFileSync(new URL('../fixtures/ranking/golden.json', import.meta.url), 'utf8'))

export const MEASURES = ['roc_auc', 'partial_roc_auc', 'average_precision'] as const
