import { colourTable, isOnDark, STEPS } from './colours.js'

/**
 * Draws a matrix, one pixel a value: the page stretches the canvas to where it lies. What is not a number stays transparent.
 * @param {HTMLCanvasElement} canvas gets the size of the matrix
 * @param {{ values: ArrayLike<number>, rows: number, columns: number, low: number, high: number, colours: 'heat' | 'difference', flip?: boolean }} matrix
 *   `values` `[rows × columns]`; `low` and `high` have the first and the last colour; `flip`: the first row lies at the bottom, as frequencies do
 */
export function drawHeatmap(canvas, { values, rows, columns, low, high, colours, flip = false }) {
  const image = new ImageData(columns, rows)
  const pixels = new Uint32Array(image.data.buffer)
  const table = colourTable(colours, isOnDark(canvas))
  const scale = high > low ? (STEPS - 1) / (high - low) : 0
  for (let row = 0; row < rows; row++) {
    const to = (flip ? rows - 1 - row : row) * columns
    for (let column = 0; column < columns; column++) {
      const value = values[row * columns + column]
      if (Number.isFinite(value)) pixels[to + column] = table[toStep((value - low) * scale)]
    }
  }
  if (canvas.width !== columns) canvas.width = columns
  if (canvas.height !== rows) canvas.height = rows
  canvas.getContext('2d').putImageData(image, 0, 0)
}

const toStep = value => Math.min(STEPS - 1, Math.max(0, Math.round(value)))

/** The bound of differences that shows nearly all of them, so that a few extremes do not make the rest pale. @returns > 0 */
export function differenceBound(values, share = 0.995) {
  const sizes = Float64Array.from(values, Math.abs).filter(Number.isFinite).sort()
  return sizes[Math.floor(share * (sizes.length - 1))] || 1
}
