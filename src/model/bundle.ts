import { createHash } from 'node:crypto'
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { checkConfig } from '../config.ts'
import { AuscultError, messageOf } from '../errors.ts'
import { type BundleRanges, bundleRangesSchema } from './bundle-ranges.ts'
import { type BundleClusters, bundleClustersSchema } from './clusters/bundle-clusters.ts'
import { Exemplars } from './clusters/exemplars.ts'
import { open as openSnapshot } from './clusters/snapshot.ts'
import { type DetectorFile, detectorFileSchema } from './detectors/detector-file.ts'
import { sizeOf } from './frontends/frontend.ts'
import { BUNDLE_FORMAT, type Calibration, calibrationSchema, type Manifest, manifestSchema } from './manifest.ts'
import { type BundleMap, mapFromJson, mapToJson } from './map/map-file.ts'

const MANIFEST = 'manifest.json'

/** A few windows with the scores that they had when the bundle was made: `[n × window size]` and `[n]`. */
export interface Golden {
  windows: Float32Array
  scores: Float32Array
}

/** A bundle in memory, its hashes checked. */
export interface Bundle {
  readonly folder: string
  readonly manifest: Manifest
  readonly calibration: Calibration
  /** ONNX model: `features [n, …] → score [n], latent [n, d], reconstruction [n, …]`. */
  readonly model: Uint8Array
  readonly golden: Golden
  /** Sample of training latents, `[count × latent_size]`. */
  readonly latents: Float32Array
  /** The clusters of these latents; undefined in bundles of older versions. */
  readonly clusters?: BundleClusters
  /** The map of these latents; undefined where training made none. */
  readonly map?: BundleMap
  /** What scores windows; undefined where the reconstruction error does. */
  readonly detector?: DetectorFile
  /** Of the network's values; undefined in bundles of older versions. */
  readonly ranges?: BundleRanges
}

export interface BundleParts {
  manifest: Omit<Manifest, 'format' | 'files'>
  model: Uint8Array
  calibration: Calibration
  golden: Golden
  latents: Float32Array
  clusters?: BundleClusters
  map?: BundleMap
  ranges?: BundleRanges
  detector?: DetectorFile
  report: string
}

const bytesOf = (data: Float32Array): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength)

const floatsOf = (bytes: Uint8Array): Float32Array => new Float32Array(new Uint8Array(bytes).buffer)

const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex')

/**
 * Writes a bundle to a temporary folder beside `folder` and renames it: a bundle is whole or absent. One that was there is replaced.
 */
export async function writeBundle(folder: string, parts: BundleParts): Promise<void> {
  const files: Record<string, Uint8Array | string> = {
    'model.onnx': parts.model,
    'calibration.json': `${JSON.stringify(parts.calibration)}\n`,
    'golden.bin': Buffer.concat([bytesOf(parts.golden.windows), bytesOf(parts.golden.scores)]),
    'latents.bin': bytesOf(parts.latents),
    ...(parts.clusters && { 'clusters.json': `${JSON.stringify(parts.clusters)}\n` }),
    ...(parts.map && { 'map.json': `${JSON.stringify(mapToJson(parts.map))}\n` }),
    ...(parts.ranges && { 'ranges.json': `${JSON.stringify(parts.ranges)}\n` }),
    ...(parts.detector && { 'detector.json': `${JSON.stringify(parts.detector)}\n` }),
    'report.html': parts.report,
  }
  const hashes = Object.fromEntries(Object.entries(files).map(([name, content]) => [name, sha256(content)]))
  const manifest: Manifest = { format: BUNDLE_FORMAT, ...parts.manifest, files: hashes }
  const temporary = join(dirname(folder), `.${basename(folder)}.${process.pid}.tmp`)
  await rm(temporary, { recursive: true, force: true })
  await mkdir(temporary, { recursive: true })
  try {
    for (const [name, content] of Object.entries(files)) await writeDurably(join(temporary, name), content)
    await writeDurably(join(temporary, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`)
    await replace(temporary, folder)
  } catch (error) {
    await rm(temporary, { recursive: true, force: true })
    throw error
  }
}

async function writeDurably(path: string, content: Uint8Array | string): Promise<void> {
  const file = await open(path, 'w')
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Puts `temporary` in the place of `folder`; a folder cannot be renamed over one that holds files. */
async function replace(temporary: string, folder: string): Promise<void> {
  const old = `${temporary}.old`
  const existed = await rename(folder, old).then(
    () => true,
    () => false,
  )
  await rename(temporary, folder)
  if (existed) await rm(old, { recursive: true, force: true })
}

/**
 * Reads a bundle and checks every file against its hash.
 * @throws AUSCULT_BUNDLE when the folder is no bundle, is of another format version, or a byte of it has changed
 */
export async function readBundle(folder: string): Promise<Bundle> {
  const manifest = await readManifest(folder)
  const files: Record<string, Uint8Array> = {}
  for (const [name, hash] of Object.entries(manifest.files)) {
    const at = join(folder, name)
    files[name] = await readFile(at).catch(cause => damaged(at, 'a file of the bundle is missing', cause))
    if (sha256(files[name]) !== hash) damaged(at, 'the file is not the one that training wrote (SHA-256 differs)')
  }
  const calibration = JSON.parse(new TextDecoder().decode(files['calibration.json']))
  const golden = floatsOf(files['golden.bin'])
  const n = golden.length / (sizeOf(manifest.window.shape) + 1)
  const latents = floatsOf(files['latents.bin'])
  const optional = <T>(name: string, parse: (raw: unknown) => T): T | undefined =>
    files[name] && parsed(files[name], join(folder, name), parse)
  if (manifest.detector && !files['detector.json'])
    damaged(join(folder, 'detector.json'), 'a file of the bundle is missing')
  return {
    folder,
    manifest,
    calibration: checkConfig(calibration, calibrationSchema, join(folder, 'calibration.json')),
    model: files['model.onnx'],
    golden: { windows: golden.subarray(0, golden.length - n), scores: golden.subarray(golden.length - n) },
    latents,
    clusters: optional('clusters.json', raw => clustersOf(raw, manifest.latent_size)),
    map: optional('map.json', raw => mapFromJson(raw, latents.length / manifest.latent_size, manifest.latent_size)),
    detector: optional('detector.json', raw => checkConfig(raw, detectorFileSchema, 'detector.json')),
    ranges: optional('ranges.json', raw => checkConfig(raw, bundleRangesSchema, 'ranges.json')),
  }
}

/** Parses a file that is what training wrote, but of another version perhaps. */
function parsed<T>(bytes: Uint8Array, at: string, parse: (raw: unknown) => T): T {
  try {
    return parse(JSON.parse(new TextDecoder().decode(bytes)))
  } catch (cause) {
    return damaged(at, `the file is not valid: ${messageOf(cause)}`, cause)
  }
}

function clustersOf(raw: unknown, latentSize: number): BundleClusters {
  const clusters = checkConfig(raw, bundleClustersSchema, 'clusters.json')
  const { dimensions } = openSnapshot(clusters.clusterer)
  if (dimensions !== latentSize) throw new Error(`its latents have ${dimensions} values, not ${latentSize}`)
  Exemplars.restore(clusters.exemplars)
  return clusters
}

async function readManifest(folder: string): Promise<Manifest> {
  const at = join(folder, MANIFEST)
  const text = await readFile(at, 'utf8').catch(cause => damaged(at, 'there is no bundle here', cause))
  try {
    return checkConfig(JSON.parse(text), manifestSchema, at)
  } catch (cause) {
    return damaged(at, `the manifest is not valid: ${messageOf(cause)}`, cause)
  }
}

function damaged(at: string, message: string, cause?: unknown): never {
  throw new AuscultError('AUSCULT_BUNDLE', message, {
    at,
    cause,
    remedy: 'Give the folder that `auscult train` wrote, or train again.',
  })
}
