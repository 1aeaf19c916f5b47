import { extname } from 'node:path'
import { z } from '../config.ts'
import { AuscultError } from '../errors.ts'

/** Formats of sound, of frames or features, and of tables of them. */
export const SOUND_FORMATS = ['wav', 'flac', 'ogg', 'mp3'] as const
export const FORMATS = [...SOUND_FORMATS, 'npy', 'npz', 'raw', 'sparse', 'png', 'jpeg', 'csv'] as const
export type Format = (typeof FORMATS)[number]
export type SoundFormat = (typeof SOUND_FORMATS)[number]

export const RAW_DTYPES = ['f32le', 'f64le', 'u8', 'u16le', 'i16le', 'i32le'] as const
export type RawDtype = (typeof RAW_DTYPES)[number]

/** How the files of an input are read. */
export const inputFormatSchema = z.strictObject({
  format: z
    .enum(['auto', ...FORMATS])
    .default('auto')
    .describe(
      'Encoding of the files; auto goes by the extension (.wav, .flac, .ogg .opus, .mp3, .npy, .npz, .raw .bin, .txt .tsv, .png, .jpg, .csv)',
    ),
  dtype: z.enum(RAW_DTYPES).default('f32le').describe('Number type of raw files'),
  shape: z
    .array(z.number().int().positive())
    .min(1)
    .optional()
    .describe(
      'Shape of one frame where it is no sound, e.g. [200, 128]; sparse: [height, width]; images: [height, width] or [height, width, 3]; csv: [columns] for a frame a row, [rows, columns] for one a file',
    ),
  columns: z
    .array(z.union([z.number().int().nonnegative(), z.string().min(1)]))
    .min(1)
    .optional()
    .describe('Columns of csv files to read, by number from 0 or by name; all when left out'),
})

export type InputFormat = z.infer<typeof inputFormatSchema>

const EXTENSIONS: Record<string, Format> = {
  '.wav': 'wav',
  '.wave': 'wav',
  '.flac': 'flac',
  '.ogg': 'ogg',
  '.oga': 'ogg',
  '.opus': 'ogg',
  '.mp3': 'mp3',
  '.npy': 'npy',
  '.npz': 'npz',
  '.raw': 'raw',
  '.bin': 'raw',
  '.txt': 'sparse',
  '.tsv': 'sparse',
  '.png': 'png',
  '.jpg': 'jpeg',
  '.jpeg': 'jpeg',
  '.csv': 'csv',
}

/** Extensions that `format: auto` knows, with the dot, lower case. */
export const SUPPORTED_EXTENSIONS: readonly string[] = Object.keys(EXTENSIONS)

export const isSoundFormat = (format: Format): format is SoundFormat =>
  (SOUND_FORMATS as readonly Format[]).includes(format)

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
