import { AuscultError, messageOf } from '../../errors.ts'
import { architectureSchema } from '../architectures/config.ts'
import type { Bundle } from '../bundle.ts'
import type { EngineOptions, Feeds, PassedOver, Session, Tensor, Tensors } from '../engine.ts'
import { buildModel } from '../families/build.ts'
import type { Model } from '../families/model.ts'
import { decodeModel } from '../onnx/model.ts'
import { floatsOf } from '../onnx/tensors.ts'
import { tf } from '../tf.ts'
import { type LoadedTfjs, loadTfjs } from './tfjs-load.ts'

const REMEDY = 'Use engine: onnx, which computes whatever graph the bundle has.'

/**
 * Scores with a bundle's network on TensorFlow.js: the architecture of its manifest, with the weights of its graph.
 * @throws AUSCULT_DEVICE as loadTfjs; AUSCULT_ENGINE when the bundle's graph is none that Auscult made
 */
export async function createTfjsSession(bundle: Bundle, options: EngineOptions): Promise<Session> {
  const loaded = loadTfjs(options)
  return new TfjsSession(modelOf(bundle), loaded)
}

function modelOf({ folder, manifest, model: graph }: Bundle): Model {
  const fail = (message: string): never => {
    throw new AuscultError('AUSCULT_ENGINE', message, { at: folder, remedy: REMEDY })
  }
  const architecture = architectureSchema.safeParse(manifest.architecture)
  if (!architecture.success)
    return fail('the engine tfjs computes the architectures of Auscult, and this model is another')
  const { feature_shape: featureShape, score: loss, classes, latent_size: components } = manifest
  // Weights of classes matter while training alone; how many there are matters here too.
  const classWeights = classes?.map(() => 1)
  const model = buildModel(architecture.data, { featureShape, loss, seed: 0, components, classes, classWeights })
  const tensors = new Map(decodeModel(graph, folder).graph.initializer?.map(tensor => [tensor.name, tensor]))
  for (const [name, variable] of Object.entries(model.variables)) {
    const tensor = tensors.get(name)
    const values = tensor && floatsOf(tensor)
    if (values?.length !== variable.size)
      return fail(`the graph has no weights ${name}; another version of Auscult made it`)
    variable.assign(tf.tensor(values, variable.shape))
  }
  return model
}

class TfjsSession implements Session {
  readonly device: Session['device']
  readonly passedOver: readonly PassedOver[]
  readonly #model: Model
  readonly #backend: string

  constructor(model: Model, { device, passedOver, backend }: LoadedTfjs) {
    this.#model = model
    this.#backend = backend
    this.device = device
    this.passedOver = passedOver
  }

  async run({ features }: Feeds, into?: Tensors | readonly string[]): Promise<Tensors> {
    const { data, shape } = features as Tensor
    try {
      tf.setBackend(this.#backend)
      return tf.tidy(() => {
        const outputs: Record<string, tf.Tensor> = { ...this.#model.score(tf.tensor(data, [...shape])) }
        const names = into === undefined ? Object.keys(outputs) : Array.isArray(into) ? into : Object.keys(into)
        return Object.fromEntries(names.map(name => [name, read(outputs[name], targetOf(into, name))]))
      }) as Tensors
    } catch (cause) {
      throw new AuscultError('AUSCULT_ENGINE', `TensorFlow.js failed: ${messageOf(cause)}`, {
        at: `device ${this.device}`,
        cause,
      })
    }
  }

  async release(): Promise<void> {
    this.#model.dispose()
  }
}

const targetOf = (into: Tensors | readonly string[] | undefined, name: string): Tensor | undefined =>
  into === undefined || Array.isArray(into) ? undefined : (into as Tensors)[name]

function read(tensor: tf.Tensor, target: Tensor | undefined) {
  const data = tensor.dataSync() as Float32Array
  target?.data.set(data)
  return { data: target?.data ?? data, shape: tensor.shape }
}
