import { extname } from 'node:path'
import { z } from '../config.ts'
import { AuscultError } from '../errors.ts'

export const FORMATS = ['wav', 'npy', 'npz', 'raw', 'sparse'] as const
export type Format = (typeof FORMATS)[number]

export const RAW_DTYPES = ['f32le', 'f64le', 'u8', 'u16le', 'i16le', 'i32le'] as const
export type RawDtype = (typeof RAW_DTYPES)[number]

/** How the files of an input are read. */
export const inputFormatSchema = z.strictObject({
  format: z
    .enum(['auto', ...FORMATS])
    .default('auto')
    .describe('Encoding of the files; auto goes by the extension (.wav .wave, .npy, .npz, .raw .bin, .txt .tsv)'),
  dtype: z.enum(RAW_DTYPES).default('f32le').describe('Number type of raw files'),
  shape: z
    .array(z.number().int().positive())
    .min(1)
    .optional()
    .describe('Shape of one frame, for npy, npz, raw and sparse files, e.g. [200, 128]; sparse: [height, width]'),
})

export type InputFormat = z.infer<typeof inputFormatSchema>

const EXTENSIONS: Record<string, Format> = {
  '.wav': 'wav',
  '.wave': 'wav',
  '.npy': 'npy',
  '.npz': 'npz',
  '.raw': 'raw',
  '.bin': 'raw',
  '.txt': 'sparse',
  '.tsv': 'sparse',
}

/** Extensions that `format: auto` knows, with the dot, lower case. */
export const SUPPORTED_EXTENSIONS: readonly string[] = Object.keys(EXTENSIONS)

/** The format that a file's extension stands for, or undefined. */
export const formatOfExtension = (path: string): Format | undefined => EXTENSIONS[extname(path).toLowerCase()]

/**
 * The format to read a file with: the declared one, else the one of its extension.
 * @throws AUSCULT_INPUT_INVALID when the extension says nothing
 */
export function resolveFormat(path: string, declared: InputFormat['format'] = 'auto'): Format {
  const format = declared === 'auto' ? formatOfExtension(path) : declared
  if (format) return format
  const extension = extname(path)
  throw new AuscultError('AUSCULT_INPUT_INVALID', `${extension ? `unknown extension ${extension}` : 'no extension'}`, {
    at: path,
    remedy: `Known extensions are ${SUPPORTED_EXTENSIONS.join(' ')}; for others declare \`format\` (${FORMATS.join(', ')}).`,
  })
}
