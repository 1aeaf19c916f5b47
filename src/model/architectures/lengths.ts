/** Length of a convolution's output along one axis. */
export const convolvedLength = (length: number, kernel: number, stride: number, padding: number): number =>
  Math.floor((length + 2 * padding - kernel) / stride) + 1

/** Length of a transposed convolution's output along one axis (as PyTorch's ConvTranspose); `extra` is its output padding. */
export const transposedLength = (
  length: number,
  kernel: number,
  stride: number,
  padding: number,
  extra: number,
): number => (length - 1) * stride - 2 * padding + kernel + extra
