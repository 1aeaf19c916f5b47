import type { ByteSource } from '../bytes.ts'
import type { MonoSamples } from '../wav.ts'
import { decodeFrame, type FlacFrame } from './frame.ts'
import { type FlacInfo, flacInvalid, readFlacHeader } from './header.ts'

/** A frame with its place in the file. */
interface Placed extends FlacFrame {
  readonly position: number
}

/** Bytes that are searched at a time for the next frame. */
const SEARCH_BYTES = 65536
/** Tags that some programs write after the last frame. */
const TRAILER_BYTES = 65536
/** Frames that are decoded rather than jumped over. */
const STEP_FRAMES = 8

/**
 * A native FLAC file of any length, of which only the frames that are asked for are read: places are found by bisection over
 * frames with matching checksums. Integers are scaled to [−1, 1) and channels mixed by their mean, as from a wav file. Holds one frame.
 * @throws AUSCULT_INPUT_INVALID, also when the file ends before its last frame
 */
export function openFlac(file: ByteSource): MonoSamples {
  const info = readFlacHeader(file)
  const last = lastFrame(file, info)
  const end = last ? last.first + last.channels[0].length : 0
  const length = info.totalSamples || end
  if (!last || end < length) {
    const message = `truncated: ${length - end || 'all'} of ${length || 'its'} samples are missing, or its last frame is damaged`
    throw flacInvalid(file, file.size, message)
  }
  let held: Placed = last

  const frameOf = (sample: number): Placed => {
    if (sample >= held.first && sample < held.first + held.channels[0].length) return held
    const ahead = sample - held.first
    let frame = ahead > 0 && ahead < STEP_FRAMES * info.blockSize ? held : bisect(file, info, sample)
    while (sample >= frame.first + frame.channels[0].length) frame = nextFrame(file, info, frame)
    if (sample < frame.first) throw flacInvalid(file, frame.position, `sample ${sample} is missing`)
    held = frame
    return frame
  }

  const read = (start: number, count: number): Float32Array => {
    const mono = new Float32Array(count)
    for (let done = 0; done < count; ) {
      const { first, channels } = frameOf(start + done)
      const from = start + done - first
      const n = Math.min(channels[0].length - from, count - done)
      mixDown(channels, from, n, 2 ** (1 - info.bitsPerSample), mono, done)
      done += n
    }
    return mono
  }
  return { name: file.name, sampleRate: info.sampleRate, channels: info.channels, length, read }
}

function mixDown(
  channels: readonly Float64Array[],
  from: number,
  count: number,
  scale: number,
  out: Float32Array,
  at: number,
): void {
  for (let i = 0; i < count; i++) {
    let sum = 0
    for (const channel of channels) sum += channel[from + i]
    out[at + i] = (sum / channels.length) * scale
  }
}

function nextFrame(file: ByteSource, info: FlacInfo, frame: Placed): Placed {
  const position = frame.position + frame.bytes
  const next = frameAt(file, info, position)
  if (next) return next
  throw flacInvalid(file, position, `the frame of sample ${frame.first + frame.channels[0].length} is damaged`)
}

function frameAt(file: ByteSource, info: FlacInfo, position: number): Placed | undefined {
  const bytes = file.read(position, Math.max(0, Math.min(info.maxFrameBytes, file.size - position)))
  const frame = decodeFrame(bytes, 0, info)
  return frame && { ...frame, position }
}

/** A frame that holds `sample` or lies at most some frames before it. */
function bisect(file: ByteSource, info: FlacInfo, sample: number): Placed {
  let best = frameAt(file, info, info.dataOffset)
  if (!best) throw flacInvalid(file, info.dataOffset, 'the first frame is damaged')
  let high = file.size
  while (high - best.position > STEP_FRAMES * best.bytes) {
    const middle = Math.floor((best.position + best.bytes + high) / 2)
    const found = findFrame(file, info, middle, high)
    if (found && found.first <= sample && found.first > best.first) best = found
    else high = middle
  }
  return best
}

/** The first whole frame that starts in `from … to − 1`. */
function findFrame(file: ByteSource, info: FlacInfo, from: number, to: number): Placed | undefined {
  for (let position = from; position < to; position += SEARCH_BYTES) {
    const bytes = file.read(position, Math.min(SEARCH_BYTES + info.maxFrameBytes, file.size - position))
    for (let i = bytes.indexOf(0xff); i >= 0 && i < SEARCH_BYTES && position + i < to; i = bytes.indexOf(0xff, i + 1)) {
      const frame = decodeFrame(bytes, i, info)
      if (frame) return { ...frame, position: position + i }
    }
  }
  return undefined
}

function lastFrame(file: ByteSource, info: FlacInfo): Placed | undefined {
  const from = Math.max(info.dataOffset, file.size - 2 * info.maxFrameBytes - TRAILER_BYTES)
  const bytes = file.read(from, Math.max(0, file.size - from))
  for (let i = bytes.lastIndexOf(0xff); i >= 0; i = i === 0 ? -1 : bytes.lastIndexOf(0xff, i - 1)) {
    const frame = decodeFrame(bytes, i, info)
    if (frame) return { ...frame, position: from + i }
  }
  return undefined
}
