/** Apart from losses.ts, so that a configuration is read without the framework that computes them. */
export const LOSSES = ['mse', 'mae', 'smooth-l1', 'bce'] as const
export type Loss = (typeof LOSSES)[number]
