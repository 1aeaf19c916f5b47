/*
 * Imported before ONNX Runtime. On NVIDIA cards it would multiply matrices and convolve with ten bits of precision (TensorFloat-32) where the
 * model says float32; scores would differ from those of a CPU by a thousandth, and Node has no other switch than this variable, which CUDA's
 * libraries read when they are loaded. As with privacy.ts, the main thread sets it for its workers. Whoever prefers speed sets it to 1.
 */
process.env.NVIDIA_TF32_OVERRIDE ??= '0'

export {}
