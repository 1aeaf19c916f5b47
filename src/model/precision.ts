import { checkConfig } from '../config.ts'
import { AuscultError } from '../errors.ts'
import type { Bundle } from './bundle.ts'
import type { BundleRanges } from './bundle-ranges.ts'
import type { Precision, Tensor } from './engine.ts'
import { createOnnxSession } from './engines/onnx.ts'
import { frontEndSchema } from './frontends/config.ts'
import { createFrontEnd } from './frontends/create.ts'
import { sizeOf } from './frontends/frontend.ts'
import { foldConstants } from './onnx/fold-constants.ts'
import { decodeModel, encodeModel, type ModelProto } from './onnx/model.ts'
import { measureRanges, type Ranges } from './onnx/ranges.ts'
import { simplify } from './onnx/simplify.ts'
import { toFloat16 } from './onnx/to-float16.ts'
import { toInt8 } from './onnx/to-int8.ts'

/**
 * A bundle's model at a precision, made in memory: the bundle itself always holds 32-bit floats.
 * @throws AUSCULT_PRECISION where the model cannot be computed so
 */
export async function modelAt(bundle: Bundle, precision: Precision): Promise<Uint8Array> {
  if (precision === 'fp32') return bundle.model
  const original = decodeModel(bundle.model, `${bundle.folder}/model.onnx`)
  const folded = await foldConstants(original, createOnnxSession)
  const model: ModelProto = { ...folded, graph: simplify(folded.graph) }
  if (precision === 'fp16') return encodeModel({ ...model, graph: toFloat16(model.graph, bundle.folder) })
  const reduced = toInt8(model, bundle.ranges?.values ?? (await goldenRanges(bundle, original)))
  if (reduced) return encodeModel(reduced)
  throw new AuscultError('AUSCULT_PRECISION', 'no layer of this model can be computed in 8 bits', {
    at: bundle.folder,
    remedy: 'Use precision: fp32, or fp16 on a GPU.',
  })
}

/** Of a bundle that was made before ranges were kept. */
function goldenRanges(bundle: Bundle, model: ModelProto): Promise<Ranges> {
  return measureRanges(model, [featuresOf(bundle)(bundle.golden.windows)], createOnnxSession)
}

/** Ranges of the values of a model's network, as a bundle keeps them. @param windows one after the other */
export async function rangesOver(
  bundle: Pick<Bundle, 'folder' | 'manifest' | 'model'>,
  windows: AsyncIterable<Float32Array>,
): Promise<BundleRanges> {
  const model = decodeModel(bundle.model, `${bundle.folder}/model.onnx`)
  const toFeatures = featuresOf(bundle)
  let count = 0
  async function* batches(): AsyncGenerator<Tensor> {
    for await (const window of windows) {
      count++
      yield toFeatures(window)
    }
  }
  const values = await measureRanges(model, batches(), createOnnxSession)
  return { windows: count, values }
}

/** What a bundle's front end makes of windows: `[n × window size]` to a batch of items. */
export function featuresOf({
  folder,
  manifest,
}: Pick<Bundle, 'folder' | 'manifest'>): (windows: Float32Array) => Tensor {
  const config = checkConfig(manifest.front_end, frontEndSchema, `${folder}: front_end`)
  const frontEnd = createFrontEnd(config, manifest.normalization)
  const { items, featureShape } = frontEnd
  const [size, features] = [sizeOf(frontEnd.windowShape), items * sizeOf(featureShape)]
  return windows => {
    const n = windows.length / size
    const data = new Float32Array(n * features)
    for (let i = 0; i < n; i++) frontEnd.transform(windows.subarray(i * size, (i + 1) * size), data, i * features)
    return { data, shape: [n * items, ...featureShape] }
  }
}
