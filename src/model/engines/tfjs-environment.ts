import type { EngineOptions } from '../engine.ts'

/**
 * Variables that TensorFlow's library reads when it is loaded. A worker's environment is a copy that native code does not see, so the main
 * thread calls this before it starts one that scores with TensorFlow.js. What the user has set stays.
 */
export function setTfjsEnvironment({ device, threads }: Pick<EngineOptions, 'device' | 'threads'>): void {
  const { env } = process
  // At its start it tells of instructions that it was not compiled for, of rounding, and at length of a GPU that it does not find. What
  // fails later reaches us as an exception.
  env.TF_CPP_MIN_LOG_LEVEL ??= '3'
  if (threads > 0) env.TF_NUM_INTRAOP_THREADS ??= String(threads)
  env.TF_NUM_INTEROP_THREADS ??= '1'
  // Hides the GPU from tfjs-node-gpu.
  if (device === 'cpu') env.CUDA_VISIBLE_DEVICES ??= '-1'
}
