import { encodePng } from './png.ts'

/** Dark violet over red to pale yellow, and blue over neutral to red: evenly spaced stops, interpolated in sRGB. */
const STOPS = {
  sequential: [0x0b0724, 0x3b0f70, 0x8c2981, 0xde4968, 0xfe9f6d, 0xfcfdbf],
  diverging: [0x2c5fa8, 0x8fb4dc, 0xf2f0ec, 0xe59a7f, 0xb0302f],
} as const

export interface Heatmap {
  /** `[rows × columns]`, row-major. */
  values: ArrayLike<number>
  rows: number
  columns: number
  /** Values at the ends of the colour scale. */
  low: number
  high: number
  colours?: keyof typeof STOPS
  /** Draws the last row on top, as spectrograms are. */
  upwards?: boolean
}

/** A `data:` URI of a PNG with one pixel per value. Values beyond the scale take its end. */
export function heatmapUri({ values, rows, columns, low, high, colours = 'sequential', upwards }: Heatmap): string {
  const pixels = new Uint8Array(rows * columns)
  const factor = high > low ? 255 / (high - low) : 0
  for (let row = 0; row < rows; row++) {
    const from = (upwards ? rows - 1 - row : row) * columns
    for (let column = 0; column < columns; column++) {
      pixels[row * columns + column] = Math.max(0, Math.min(255, Math.round((values[from + column] - low) * factor)))
    }
  }
  return `data:image/png;base64,${encodePng(pixels, columns, rows, palette(STOPS[colours])).toString('base64')}`
}

/** The colour scale as a CSS image, low on the left. */
export function gradient(colours: keyof typeof STOPS): string {
  const stops: readonly number[] = STOPS[colours]
  return `linear-gradient(to right,${stops.map(stop => `#${stop.toString(16).padStart(6, '0')}`).join(',')})`
}

function palette(stops: readonly number[]): Uint8Array {
  const colours = new Uint8Array(768)
  for (let i = 0; i < 256; i++) {
    const position = (i / 255) * (stops.length - 1)
    const below = Math.min(Math.floor(position), stops.length - 2)
    for (let channel = 0; channel < 3; channel++) {
      const shift = 16 - 8 * channel
      const from = (stops[below] >> shift) & 255
      const to = (stops[below + 1] >> shift) & 255
      colours[3 * i + channel] = Math.round(from + (position - below) * (to - from))
    }
  }
  return colours
}
