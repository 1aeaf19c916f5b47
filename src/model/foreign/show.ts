import { statSync } from 'node:fs'
import { join } from 'node:path'
import { AuscultError } from '../../errors.ts'
import { readBundle } from '../bundle.ts'
import { describeBundle, describeModel } from './describe.ts'
import { draftManifest } from './draft.ts'
import { inspectModel } from './inspect.ts'
import { readForeignModel } from './read.ts'

/**
 * The whole of `auscult model`: what an ONNX file or a bundle is, for people or as JSON, or a draft of a manifest.
 * @throws AUSCULT_INPUT_MISSING, AUSCULT_BUNDLE, AUSCULT_USAGE
 */
export async function showModel(path: string, form: { json?: boolean; manifest?: boolean }): Promise<string> {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
  if (isFolder && form.manifest) {
    throw new AuscultError('AUSCULT_USAGE', 'a bundle has its manifest', {
      at: join(path, 'manifest.json'),
      remedy: 'Give --manifest an .onnx file that was made elsewhere.',
    })
  }
  const bundle = isFolder ? await readBundle(path) : undefined
  const facts = await inspectModel(await readForeignModel(isFolder ? join(path, 'model.onnx') : path))
  if (form.manifest) return draftManifest(facts).trimEnd()
  if (form.json) return JSON.stringify(bundle ? { manifest: bundle.manifest, model: facts } : facts)
  return bundle ? `${describeBundle(bundle)}\n\n${describeModel(facts)}` : describeModel(facts)
}
