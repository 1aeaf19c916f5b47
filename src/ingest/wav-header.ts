import { AuscultError } from '../errors.ts'
import type { ByteSource } from './bytes.ts'
import type { NumberType } from './numbers.ts'

export interface WavHeader {
  readonly channels: number
  readonly sampleRate: number
  readonly type: NumberType
  /** Bytes of one frame (a sample of each channel). */
  readonly frameBytes: number
  /** Position of the first frame in the file. */
  readonly dataOffset: number
  /** Number of whole frames. */
  readonly frames: number
}

const PCM = 1
const IEEE_FLOAT = 3
const EXTENSIBLE = 0xfffe
const UNKNOWN_LENGTH = 0xffffffff
/** Real files hold a handful; a file of nothing but chunk headers is not worth a walk. */
const MAX_CHUNKS = 4096

const CODECS: Record<number, string> = { 2: 'Microsoft ADPCM', 6: 'A-law', 7: 'mu-law', 17: 'IMA ADPCM', 85: 'MP3' }

/**
 * Reads the header of a RIFF WAVE file (or RF64/BW64, its form beyond 4 GiB; EBU Tech 3306): PCM of 8, 16, 24 and 32 bits,
 * float of 32 and 64 bits, plain or WAVE_FORMAT_EXTENSIBLE. A data chunk of length 0xffffffff (a writer to a pipe) runs to the end.
 * @throws AUSCULT_INPUT_INVALID with the byte position
 */
export function readWavHeader(file: ByteSource): WavHeader {
  if (file.size === 0) throw invalid(file, 0, 'the file is empty')
  if (file.size < 12) throw invalid(file, 0, `${file.size} bytes are too few for a wav file`)
  const head = viewOf(file, 0, 12)
  const magic = tagAt(head, 0)
  if (magic === 'RIFX') throw invalid(file, 0, 'big-endian wav (RIFX) is not supported', 'Convert it to RIFF.')
  const large = magic === 'RF64' || magic === 'BW64'
  if ((!large && magic !== 'RIFF') || tagAt(head, 8) !== 'WAVE')
    throw invalid(file, 0, 'not a wav file: no RIFF/WAVE tag')
  let format: Omit<WavHeader, 'dataOffset' | 'frames'> | undefined
  let largeDataBytes = UNKNOWN_LENGTH
  let position = 12
  for (let chunk = 0; chunk < MAX_CHUNKS && position + 8 <= file.size; chunk++) {
    const header = viewOf(file, position, 8)
    const tag = tagAt(header, 0)
    const bytes = header.getUint32(4, true)
    const body = position + 8
    if (tag === 'data') {
      if (!format) throw invalid(file, position, 'the data chunk comes before the fmt chunk')
      const declared = large && bytes === UNKNOWN_LENGTH ? largeDataBytes : bytes
      return { ...format, ...dataExtent(file, body, declared, format.frameBytes) }
    }
    if (body + bytes > file.size) throw invalid(file, position, `the ${JSON.stringify(tag)} chunk is cut short`)
    if (tag === 'fmt ') format = readFormat(file, body, bytes)
    else if (tag === 'ds64' && bytes >= 16) largeDataBytes = Number(viewOf(file, body, 16).getBigUint64(8, true))
    position = body + bytes + (bytes % 2)
  }
  throw invalid(file, position, format ? 'the data chunk is missing' : 'the fmt chunk is missing')
}

function readFormat(file: ByteSource, body: number, bytes: number): Omit<WavHeader, 'dataOffset' | 'frames'> {
  if (bytes < 16) throw invalid(file, body, `a fmt chunk of ${bytes} bytes is too short`)
  const view = viewOf(file, body, Math.min(bytes, 40))
  const extensible = view.getUint16(0, true) === EXTENSIBLE && bytes >= 40
  const codec = view.getUint16(extensible ? 24 : 0, true)
  const channels = view.getUint16(2, true)
  const sampleRate = view.getUint32(4, true)
  const frameBytes = view.getUint16(12, true)
  const bits = view.getUint16(14, true)
  if (channels === 0) throw invalid(file, body + 2, 'zero channels')
  if (sampleRate === 0) throw invalid(file, body + 4, 'a sample rate of zero')
  if (codec !== PCM && codec !== IEEE_FLOAT) {
    const name = CODECS[codec] ? ` (${CODECS[codec]})` : ''
    throw invalid(
      file,
      body,
      `codec 0x${codec.toString(16).padStart(4, '0')}${name} is not supported`,
      'Convert it to PCM.',
    )
  }
  const width = frameBytes / channels
  const widths = codec === PCM ? [1, 2, 3, 4] : [4, 8]
  if (!widths.includes(width) || Math.ceil(bits / 8) !== width) {
    const kind = codec === PCM ? 'PCM' : 'float'
    throw invalid(
      file,
      body + 12,
      `${bits}-bit ${kind} in frames of ${frameBytes} bytes, ${channels} channels, is not supported`,
    )
  }
  const kind = codec === IEEE_FLOAT ? 'f' : width === 1 ? 'u' : 'i'
  return { channels, sampleRate, frameBytes, type: { kind, width: width as NumberType['width'], littleEndian: true } }
}

function dataExtent(file: ByteSource, dataOffset: number, declared: number, frameBytes: number) {
  const there = file.size - dataOffset
  const bytes = declared === UNKNOWN_LENGTH ? there : declared
  if (bytes > there) {
    const remedy = 'The file was cut short; copy or record it again.'
    throw invalid(file, file.size, `truncated: ${bytes - there} of ${bytes} bytes of sound are missing`, remedy)
  }
  const frames = Math.floor(bytes / frameBytes)
  if (frames === 0) throw invalid(file, dataOffset, 'the file holds no samples')
  return { dataOffset, frames }
}

function viewOf(file: ByteSource, position: number, count: number): DataView {
  const bytes = file.read(position, count)
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

const tagAt = (view: DataView, offset: number): string =>
  String.fromCharCode(...[0, 1, 2, 3].map(i => view.getUint8(offset + i)))

const invalid = (file: ByteSource, byte: number, message: string, remedy = 'Replace the file, or leave it out.') =>
  new AuscultError('AUSCULT_INPUT_INVALID', message, { at: `${file.name}:${byte}`, remedy })
