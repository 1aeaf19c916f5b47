import { AuscultError } from '../errors.ts'
import type { ByteSource } from './bytes.ts'
import { type Frames, formatShape } from './frames.ts'

/**
 * A text file of hits on a detector, one frame: lines `x y count` (tabs or spaces), x the column and y the row, both from 0.
 * Pixels without a line are 0; counts of a pixel with several lines add up; an empty file is an empty frame.
 * @param shape `[height, width]`
 * @throws AUSCULT_INPUT_SHAPE for another number of axes; on reading, AUSCULT_INPUT_INVALID with the line
 */
export function openSparse(file: ByteSource, shape: readonly number[]): Frames {
  if (shape.length !== 2) {
    throw new AuscultError('AUSCULT_INPUT_SHAPE', `a sparse frame has two axes, not ${formatShape(shape)}`, {
      at: file.name,
      remedy: 'Declare `shape: [height, width]`.',
    })
  }
  const read = () => parseHits(new TextDecoder().decode(file.read(0, file.size)), shape[0], shape[1], file.name)
  return { count: 1, shape, read }
}

function parseHits(text: string, height: number, width: number, name: string): Float32Array {
  const frame = new Float32Array(height * width)
  let line = 0
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf('\n', start)
    const end = newline < 0 ? text.length : newline
    const hit = text.slice(start, end).trim()
    line++
    start = end + 1
    if (hit === '') continue
    const fields = hit.split(/[ \t]+/)
    const [x, y, count] = fields.map(Number)
    if (fields.length !== 3 || !Number.isInteger(x) || !Number.isInteger(y) || !Number.isFinite(count)) {
      throw invalid(name, line, `${JSON.stringify(hit.slice(0, 40))} is not \`x y count\``)
    }
    if (x < 0 || x >= width || y < 0 || y >= height) {
      throw invalid(name, line, `pixel x=${x} y=${y} lies outside a frame ${width} wide and ${height} high`)
    }
    frame[y * width + x] += count
  }
  return frame
}

const invalid = (name: string, line: number, message: string) =>
  new AuscultError('AUSCULT_INPUT_INVALID', message, {
    at: `${name}:${line}`,
    remedy: 'Check the file and the declared `shape: [height, width]`.',
  })
