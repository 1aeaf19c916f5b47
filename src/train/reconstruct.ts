import { mkdirSync } from 'node:fs'
import { rename, rm, writeFile } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import { AuscultError, messageOf } from '../errors.ts'
import { listFiles } from '../ingest/files-glob.ts'
import { encodeNpy } from '../ingest/npy-encode.ts'
import type { AudioRecording } from '../ingest/recording.ts'
import { encodeWav } from '../ingest/wav-encode.ts'
import { readBundle } from '../model/bundle.ts'
import { loadScorer } from '../model/bundle-scorer.ts'
import type { EngineOptions } from '../model/engine.ts'
import { sizeOf } from '../model/frontends/frontend.ts'
import type { Scorer } from '../model/scorer.ts'
import { type Progress, silentProgress } from '../progress.ts'
import { bundleFormat } from './evaluation/score-bundle.ts'
import { reportDevice } from './report-device.ts'
import { scanRecordings } from './scan.ts'
import { openFor, readWindows, type WindowFormat } from './windows.ts'

export interface ReconstructOptions {
  bundle: string
  /** Folders, files or globs. */
  paths: readonly string[]
  /** Folder to write to; made if absent. */
  out: string
  engine?: EngineOptions
  progress?: Progress
}

/**
 * The whole of `auscult reconstruct`: what the network makes of recordings. Models on raw samples give a wav of the recording's length
 * at the model's rate; others a .npy `[windows, items, …feature shape]` in un-normalised feature units.
 * @returns the files written, in the order of the recordings
 * @throws AUSCULT_BUNDLE, AUSCULT_INPUT_…, AUSCULT_NON_FINITE, AUSCULT_USAGE
 */
export async function reconstructRecordings(options: ReconstructOptions): Promise<string[]> {
  const { paths, out, progress = silentProgress } = options
  if (paths.length === 0) {
    throw new AuscultError('AUSCULT_USAGE', 'there is nothing to reconstruct', { remedy: 'Give recordings.' })
  }
  const bundle = await readBundle(options.bundle)
  const format = bundleFormat(bundle)
  const files = await listFiles(paths, { format: format.format.format })
  const { manifest } = bundle
  const isRaw = manifest.front_end.type === 'raw'
  const engine = options.engine ?? ({ device: 'cpu', threads: 0 } as const)
  const scorer = await loadScorer(options.bundle, engine)
  const written: string[] = []
  try {
    reportDevice(progress, engine.device, scorer)
    makeFolder(out)
    for (const [i, file] of files.entries()) {
      progress.update({ title: 'reconstructing', done: i, total: files.length, details: [basename(file)] })
      const target = join(out, targetName(file, files, i) + (isRaw ? '.wav' : '.npy'))
      const content = isRaw
        ? encodeWav(await rawReconstruction(scorer, file, format), manifest.window.sample_rate!, 'float32')
        : await featureReconstruction(scorer, file, format, [manifest.items, ...manifest.feature_shape])
      await writeWhole(target, content)
      written.push(target)
    }
  } finally {
    progress.close()
    await scorer.close()
  }
  return written
}

/** Windows one after the other; the last is padded with zeros, and what it adds is cut off again. */
async function rawReconstruction(scorer: Scorer, path: string, format: WindowFormat): Promise<Float32Array> {
  const size = sizeOf(scorer.windowShape)
  const recording = (await openFor(path, format)) as AudioRecording
  const samples = new Float32Array(recording.length)
  const window = new Float32Array(size)
  for (let at = 0; at < recording.length; at += size) {
    const count = Math.min(size, recording.length - at)
    window.fill(0)
    window.set(recording.read(at, count))
    const { reconstruction } = await scorer.reconstruct(window, 1)
    samples.set(reconstruction.subarray(0, count), at)
  }
  return samples
}

async function featureReconstruction(
  scorer: Scorer,
  path: string,
  format: WindowFormat,
  itemsShape: readonly number[],
): Promise<Uint8Array> {
  const fragments = { position: 'fixed', per_file: null, hop_seconds: null } as const
  const scanOptions = { otherLength: 'refuse', expectedSeconds: null, fragments, dropConstant: false, seed: 0 } as const
  const [recording] = (await scanRecordings([path], { ...format, ...scanOptions })).recordings
  const size = sizeOf(itemsShape)
  const all = new Float32Array(recording.offsets.length * size)
  let n = 0
  for await (const { data } of readWindows(recording, { from: 0, to: recording.offsets.length }, format)) {
    all.set((await scorer.reconstruct(data, 1)).reconstruction, n++ * size)
  }
  return encodeNpy(all, [n, ...itemsShape])
}

/** The file's name without its extension; with a number where an earlier file has the same. */
function targetName(file: string, files: readonly string[], index: number): string {
  const name = (path: string) => basename(path, extname(path))
  const before = files.slice(0, index).filter(other => name(other) === name(file)).length
  return before ? `${name(file)}-${before + 1}` : name(file)
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true })
  } catch (cause) {
    throw new AuscultError('AUSCULT_USAGE', `the folder cannot be made: ${messageOf(cause)}`, { at: folder, cause })
  }
}

async function writeWhole(path: string, content: Uint8Array): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`
  try {
    await writeFile(temporary, content)
    await rename(temporary, path)
  } catch (cause) {
    await rm(temporary, { force: true })
    throw new AuscultError('AUSCULT_USAGE', `cannot be written: ${messageOf(cause)}`, { at: path, cause })
  }
}
