import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { AuscultError, messageOf } from '../../errors.ts'
import { type Manifest, manifestSchema } from '../manifest.ts'

/** Whether a path names a model that was made elsewhere, rather than a bundle. */
export const isForeign = (path: string): boolean => path.toLowerCase().endsWith('.onnx')

/** Where `auscult calibrate` writes the bundle of a model: `pump.onnx` has `pump-bundle` beside it. */
export const bundleBeside = (model: string): string => model.replace(/\.onnx$/i, '-bundle')

/** The manifest beside a model: `pump.onnx` has `pump.yaml` or `pump.yml`. */
export function manifestBeside(model: string): string {
  const [yaml, yml] = ['.yaml', '.yml'].map(ending => model.replace(/\.onnx$/i, ending))
  return existsSync(yml) && !existsSync(yaml) ? yml : yaml
}

/**
 * The bundle that a configuration names: `model`, where it is given, or else `bundle`. A model has its bundle beside it, made of the files
 * that still lie there.
 * @throws AUSCULT_BUNDLE when it is not calibrated, or has changed since
 */
export async function bundleFolder({ bundle, model }: { bundle?: string; model?: string }): Promise<string> {
  const path = model ?? bundle ?? ''
  if (!isForeign(path)) return path
  const folder = bundleBeside(path)
  const command = `auscult calibrate ${path} RECORDINGS`
  if (!existsSync(path)) {
    throw new AuscultError('AUSCULT_INPUT_MISSING', 'the model is not there', {
      at: path,
      remedy: 'Check the path; to run without the model’s own file, set bundle to the folder of its bundle.',
    })
  }
  const made = await readOrigin(folder)
  if (!made) {
    throw new AuscultError('AUSCULT_BUNDLE', 'the model is not calibrated: nothing says which scores are normal', {
      at: path,
      remedy: `Calibrate it with recordings of normal operation: \`${command}\`.`,
    })
  }
  const changed = await changedFile(path, made)
  if (changed === undefined) return folder
  throw new AuscultError('AUSCULT_BUNDLE', 'the file has changed since the model was calibrated', {
    at: changed,
    remedy: `Calibrate it again: \`${command}\`.`,
  })
}

async function readOrigin(folder: string): Promise<Manifest['foreign']> {
  const at = join(folder, 'manifest.json')
  if (!existsSync(at)) return undefined
  try {
    return manifestSchema.parse(JSON.parse(await readFile(at, 'utf8'))).foreign
  } catch (cause) {
    throw new AuscultError('AUSCULT_BUNDLE', `the manifest is not valid: ${messageOf(cause).split('\n')[0]}`, {
      at,
      cause,
      remedy: 'Calibrate the model again.',
    })
  }
}

/** The file that is not what was calibrated. A manifest that is gone says nothing new. */
async function changedFile(path: string, made: NonNullable<Manifest['foreign']>): Promise<string | undefined> {
  if ((await sha256([path, ...made.weights.map(name => join(dirname(path), name))])) !== made.model_sha256) return path
  const manifest = join(dirname(path), made.manifest)
  return existsSync(manifest) && (await sha256([manifest])) !== made.manifest_sha256 ? manifest : undefined
}

/** Of the contents of files, one after the other; of nothing where one is not there. */
async function sha256(paths: readonly string[]): Promise<string | undefined> {
  const hash = createHash('sha256')
  for (const path of paths) {
    const content = await readFile(path).catch(() => undefined)
    if (!content) return undefined
    hash.update(content)
  }
  return hash.digest('hex')
}
