import { AuscultError, messageOf } from '../../errors.ts'
import { createOnnxSession } from '../engines/onnx.ts'
import { createFrontEnd, normalizationOf } from '../frontends/create.ts'
import { sizeOf } from '../frontends/frontend.ts'
import { encodeModel, type ModelProto } from '../onnx/model.ts'
import { type Adaptation, adaptModel, binsOf, exposedName, exposeValues, type NamedValue } from './adapt.ts'
import { chooseInput, type ModelInput } from './input.ts'
import { type Axis, axesOf, candidates, fits, inputShape, type Layout, layoutText, parseLayout } from './layout.ts'
import type { ForeignManifest } from './manifest.ts'
import { profileSize } from './scores.ts'

/** Somebody else's model as a bundle has it, and what was found out about it. */
export interface Adapted {
  readonly model: Uint8Array
  readonly latentSize: number
  /** As `input.layout` has it. */
  readonly layout: string
  /** The model takes one item at a time. */
  readonly oneByOne: boolean
  /** Null: where the reconstruction errs stands for a latent. */
  readonly latent: string | null
}

type Outputs = ForeignManifest['outputs']
type Shapes = Partial<Record<keyof Outputs, readonly number[]>>

/**
 * Fits a model to its manifest: finds the layout of its input, learns the shapes of the values that are named by running it, and writes
 * the graph that a bundle has.
 * @throws AUSCULT_CONFIG, AUSCULT_BUNDLE
 */
export async function resolveModel(model: ModelProto, manifest: ForeignManifest, at: string): Promise<Adapted> {
  const { featureShape } = createFrontEnd(manifest.front_end)
  checkNormalization(manifest, featureShape, at)
  const axes = axesOf(manifest.front_end, featureShape)
  const input = chooseInput(model.graph, manifest.input.name, at)
  checkNames(model, manifest.outputs, at)
  const layout = chooseLayout(manifest, axes, input, at)
  const fed = { input, layout, axes }
  const fixed = input.dims?.[layout.findIndex(group => group[0] === -1)] ?? null
  if (fixed !== null && fixed !== 1) {
    throw new AuscultError('AUSCULT_BUNDLE', `the model takes batches of ${fixed} only`, {
      at,
      remedy:
        'Export it with a dynamic batch (torch.onnx.export: dynamic_shapes or dynamic_axes), or with a batch of 1.',
    })
  }
  const many = fixed === 1 ? undefined : await tryBatches(model, fed, manifest.outputs)
  const oneByOne = many === undefined
  const [few, more] = many ?? (await oneItem(model, fed, manifest.outputs, at))
  const value = (key: keyof Outputs): NamedValue | null => {
    const name = manifest.outputs[key]
    if (name === null) return null
    const batchAxis = oneByOne ? 0 : few[key]!.findIndex((n, axis) => n === 2 && more[key]![axis] === 3)
    if (batchAxis === -1) throw noBatch(key, name, few[key]!, at)
    return { name, batchAxis, rank: few[key]!.length }
  }
  const perItem = (key: keyof Outputs) => sizeOf(few[key]!) / (oneByOne ? 1 : 2)
  const adaptation: Adaptation = {
    ...fed,
    oneByOne,
    reconstruction: value('reconstruction'),
    score: value('score'),
    latent: value('latent'),
    latentSize: few.latent ? perItem('latent') : few.reconstruction ? profileSize(binsOf(axes)) : 1,
    loss: manifest.loss,
  }
  const features = sizeOf(featureShape)
  if (few.reconstruction && perItem('reconstruction') !== features) {
    throw wrongSize('reconstruction', manifest, few.reconstruction, `the features have ${features} values`, at)
  }
  if (few.score && perItem('score') !== 1) {
    throw wrongSize('score', manifest, few.score, 'a score is one value for each item', at)
  }
  const bytes = encodeModel(adaptModel(model, adaptation))
  const { latentSize } = adaptation
  return { model: bytes, latentSize, layout: layoutText(layout, axes), oneByOne, latent: manifest.outputs.latent }
}

function chooseLayout(manifest: ForeignManifest, axes: readonly Axis[], input: ModelInput, at: string): Layout {
  const { front_end, input: wanted } = manifest
  const has = axes.map(({ name, size }) => `${name} ${size}`).join(' × ')
  const wants = input.dims ? `[${input.dims.map(n => n ?? 'any').join(', ')}]` : 'something that it does not say'
  if (wanted.layout !== null) {
    const layout = parseLayout(wanted.layout, axes, at)
    if (!input.dims || fits(layout, axes, input.dims)) return layout
    const gives = inputShape(layout, axes).map(n => (n === -1 ? 'batch' : n))
    throw new AuscultError('AUSCULT_CONFIG', `input.layout gives [${gives.join(', ')}], the model wants ${wants}`, {
      at,
      remedy: `The features are ${has}: check front_end and input.layout.`,
    })
  }
  const found = input.dims ? candidates(front_end, axes, input.dims) : []
  if (found.length === 1) return found[0]
  const message = found.length
    ? `the shape ${wants} of the input leaves open what its axes are`
    : `the features are ${has}, the model wants ${wants}`
  const remedy = found.length
    ? `Set input.layout: ${found.map(layout => `"${layoutText(layout, axes)}"`).join(' or ')}.`
    : 'Set front_end as it was in training (window, n_fft, hop_length, n_mels, center, stack), or input.layout.'
  throw new AuscultError('AUSCULT_CONFIG', message, { at, remedy })
}

function checkNames({ graph }: ModelProto, outputs: Outputs, at: string): void {
  const values = new Set([...graph.input.map(({ name }) => name), ...graph.node.flatMap(({ output = [] }) => output)])
  for (const [key, name] of Object.entries(outputs)) {
    if (name === null || values.has(name)) continue
    const similar = [...values].filter(value => value.toLowerCase().includes(name.toLowerCase())).slice(0, 5)
    const hint = similar.length ? `similar: ${similar.join(', ')}` : graph.output.map(output => output.name).join(', ')
    throw new AuscultError('AUSCULT_CONFIG', `outputs.${key}: the model has no value ${name}`, {
      at,
      remedy: `\`auscult model\` lists its values (${hint}).`,
    })
  }
}

function checkNormalization(manifest: ForeignManifest, featureShape: readonly number[], at: string): void {
  const bins = new Set([1, normalizationOf(manifest.front_end).length])
  if (manifest.front_end.type === 'frame') bins.add(featureShape.at(-1)!)
  const { offset, scale } = manifest.normalization
  if (offset.length !== scale.length && offset.length !== 1 && scale.length !== 1) {
    throw new AuscultError('AUSCULT_CONFIG', `normalization: ${offset.length} offsets, ${scale.length} scales`, { at })
  }
  const length = Math.max(offset.length, scale.length)
  if (bins.has(length)) return
  throw new AuscultError('AUSCULT_CONFIG', `normalization: ${length} numbers`, {
    at,
    remedy: `Give ${[...bins].join(' or ')}.`,
  })
}

/** One entry for each of the other's. */
export function normalizationOfManifest({ normalization: { offset, scale } }: ForeignManifest) {
  const length = Math.max(offset.length, scale.length)
  const filled = (values: readonly number[]) => (values.length === length ? [...values] : Array(length).fill(values[0]))
  return { offset: filled(offset), scale: filled(scale) }
}

type Fed = Pick<Adaptation, 'input' | 'layout' | 'axes'>

/** Shapes for batches of 2 and of 3; undefined where the model takes none, whatever it says. */
async function tryBatches(model: ModelProto, fed: Fed, outputs: Outputs): Promise<[Shapes, Shapes] | undefined> {
  try {
    return [await shapesOf(model, fed, outputs, 2), await shapesOf(model, fed, outputs, 3)]
  } catch {
    return undefined
  }
}

async function oneItem(model: ModelProto, fed: Fed, outputs: Outputs, at: string): Promise<[Shapes, Shapes]> {
  try {
    const shapes = await shapesOf(model, fed, outputs, 1)
    return [shapes, shapes]
  } catch (cause) {
    throw new AuscultError('AUSCULT_BUNDLE', `the model cannot be run: ${messageOf(cause)}`, {
      at,
      cause,
      remedy: 'Check that Python’s onnxruntime runs it; front_end must give features as in training.',
    })
  }
}

async function shapesOf(model: ModelProto, fed: Fed, outputs: Outputs, n: number): Promise<Shapes> {
  const named = Object.entries(outputs).flatMap(([key, name]) => (name === null ? [] : [{ key, name }]))
  const names = named.map(({ name }) => name)
  const session = await createOnnxSession(encodeModel(exposeValues(model, fed, names)), { device: 'cpu', threads: 1 })
  try {
    const shape = [n, ...fed.axes.map(({ size }) => size)]
    const data = Float32Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(i))
    const results = await session.run({ features: { data, shape } })
    return Object.fromEntries(named.map(({ key }, i) => [key, results[exposedName(i)].shape]))
  } finally {
    await session.release()
  }
}

const noBatch = (key: string, name: string, shape: readonly number[], at: string) =>
  new AuscultError('AUSCULT_CONFIG', `outputs.${key}: ${name} has no axis for the batch (2 items give [${shape}])`, {
    at,
    remedy: 'Name a value that has one entry for each item: `auscult model` lists them.',
  })

const wrongSize = (
  key: keyof Outputs,
  { outputs }: ForeignManifest,
  shape: readonly number[],
  why: string,
  at: string,
) =>
  new AuscultError('AUSCULT_CONFIG', `outputs.${key}: ${outputs[key]} is [${shape.join(', ')}], but ${why}`, {
    at,
    remedy: '`auscult model` lists the values of the model with their shapes.',
  })
