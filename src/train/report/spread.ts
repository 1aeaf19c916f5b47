import type { Spread } from '../retrain.ts'
import { formatNumber } from './axis.ts'

/** `0.4584 ± 0.0031` */
export const formatSpread = ({ mean, deviation }: Spread): string =>
  formatNumber(mean) + (deviation === null ? '' : ` ± ${formatNumber(Number(deviation.toPrecision(2)))}`)
