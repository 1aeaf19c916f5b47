import { AuscultError } from '../../errors.ts'
import type { ByteSource } from '../bytes.ts'
import { type Frames, formatShape } from '../frames.ts'

/** A decoded picture: rows from the top, pixels from the left, `channels` values each. Values beyond three are ignored. */
export interface Pixels {
  readonly data: ArrayLike<number>
  readonly channels: number
}

/** What the header of a picture says. */
export interface ImageSize {
  readonly width: number
  readonly height: number
  readonly color: boolean
}

/** Pictures are decoded as a whole, which takes up to 20 bytes a pixel. */
const MAX_PIXELS = 2 ** 25

/** Weights of red, green and blue in luminance (ITU-R BT.601), as in OpenCV and Pillow, not rounded. */
const LUMINANCE = [0.299, 0.587, 0.114]

/**
 * A picture as one frame of the declared shape: `[height, width]` or `[height, width, 1]` is luminance, `[height, width, 3]` red, green and
 * blue (alike for a grey picture). Without a declared shape it is what the picture is. Values are the file's, 0 to 255 or 65,535; transparency is ignored.
 * @throws AUSCULT_INPUT_SHAPE, AUSCULT_INPUT_INVALID when there are more than 2^25 pixels
 */
export function imageFrame(
  file: ByteSource,
  { width, height, color }: ImageSize,
  declared: readonly number[] | undefined,
  decode: () => Pixels,
): Frames {
  if (width === 0 || height === 0) throw imageInvalid(file, 'the picture is empty')
  if (width * height > MAX_PIXELS) {
    const message = `${width} × ${height} pixels are more than the ${MAX_PIXELS} that are decoded`
    throw imageInvalid(file, message, 'Scale the picture down, or cut it into tiles.')
  }
  const shape = declared ?? (color ? [height, width, 3] : [height, width])
  const [rows, columns, channels = 1] = shape
  if (
    shape.length < 2 ||
    shape.length > 3 ||
    rows !== height ||
    columns !== width ||
    (channels !== 1 && channels !== 3)
  ) {
    throw new AuscultError('AUSCULT_INPUT_SHAPE', `the picture is ${height} high and ${width} wide`, {
      at: file.name,
      remedy: `Frames of ${formatShape(shape)} are wanted; a picture can be [${height}, ${width}] or [${height}, ${width}, 3].`,
    })
  }
  const read = () => {
    const pixels = decode()
    return channels === 1 ? luminance(pixels, width * height) : colors(pixels, width * height)
  }
  return { count: 1, shape, read }
}

function luminance({ data, channels }: Pixels, count: number): Float32Array {
  const values = new Float32Array(count)
  if (channels < 3) for (let i = 0; i < count; i++) values[i] = data[i * channels]
  else {
    const [red, green, blue] = LUMINANCE
    for (let i = 0, p = 0; i < count; i++, p += channels) {
      // Grey stays exactly what it is.
      const grey = data[p] === data[p + 1] && data[p] === data[p + 2]
      values[i] = grey ? data[p] : red * data[p] + green * data[p + 1] + blue * data[p + 2]
    }
  }
  return values
}

function colors({ data, channels }: Pixels, count: number): Float32Array {
  const values = new Float32Array(3 * count)
  for (let i = 0; i < count; i++) {
    for (let c = 0; c < 3; c++) values[3 * i + c] = data[i * channels + (channels < 3 ? 0 : c)]
  }
  return values
}

export const imageInvalid = (
  file: ByteSource,
  message: string,
  remedy = 'Replace the picture, or leave it out.',
  cause?: unknown,
) => new AuscultError('AUSCULT_INPUT_INVALID', message, { at: file.name, remedy, cause })
