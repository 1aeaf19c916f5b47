/** n / Σ 1/xᵢ: scipy's `hmean`. 0 where a value is 0. @param values not negative, at least one */
export const harmonicMean = (values: readonly number[]): number =>
  values.length / values.reduce((sum, value) => sum + 1 / value, 0)
