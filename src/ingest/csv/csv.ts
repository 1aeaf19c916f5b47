import { AuscultError } from '../../errors.ts'
import type { ByteSource } from '../bytes.ts'
import { decodedOnce } from '../decoded/cache.ts'
import { type Frames, formatShape, sizeOfShape } from '../frames.ts'
import { type ColumnKey, readCsv } from './table.ts'

/**
 * A table of numbers as frames. With n rows of c columns, a declared shape `[c]` or `[1, c]` makes each row a frame, `[n, c]` the whole; a
 * single column is a frame `[n]`, `[n, 1]` or `[1, n]`, or n frames `[1]`. Without a declared shape the whole is one frame.
 * @throws AUSCULT_INPUT_INVALID with line and column, AUSCULT_INPUT_SHAPE, AUSCULT_CONFIG
 */
export async function openCsv(
  file: ByteSource,
  declared: readonly number[] | undefined,
  keys: readonly ColumnKey[] | undefined,
): Promise<Frames> {
  if (file.size === 0) {
    throw new AuscultError('AUSCULT_INPUT_INVALID', 'the file is empty', { at: file.name, remedy: 'Leave it out.' })
  }
  const { values, rows, columns } = await decodedOnce(file, JSON.stringify(keys ?? 'csv'), async () =>
    readCsv(file, keys),
  )
  const wholes = columns === 1 ? [[rows], [rows, 1], [1, rows]] : [[rows, columns]]
  const shape = declared ?? wholes[0]
  const equals = (other: readonly number[]) => formatShape(other) === formatShape(shape)
  const isWhole = wholes.some(equals)
  if (!isWhole && !equals([columns]) && !equals([1, columns])) {
    throw new AuscultError('AUSCULT_INPUT_SHAPE', `the table has ${rows} rows of ${columns} columns`, {
      at: file.name,
      remedy: `Frames of ${formatShape(shape)} are wanted: ${formatShape([columns])} is a frame a row, ${formatShape(wholes[0])} the whole; \`columns\` takes some.`,
    })
  }
  const size = sizeOfShape(shape)
  return { count: isWhole ? 1 : rows, shape, read: i => values.slice(i * size, (i + 1) * size) }
}
