import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, normalize } from 'node:path'
import { AuscultError } from '../../errors.ts'
import { type AttributeProto, decodeModel, type GraphProto, type ModelProto, type TensorProto } from '../onnx/model.ts'
import { graphsOf } from '../onnx/subgraphs.ts'

/** TensorProto.DataLocation */
const EXTERNAL = 1
/** Most bytes of a protobuf message, and so of a bundle's model. */
const MOST_BYTES = 2 ** 31 - 1

/** Somebody else's model with all its weights in memory. */
export interface ForeignModel {
  readonly model: ModelProto
  readonly file: string
  /** Of the file and of those that hold its weights. */
  readonly bytes: number
  /** Names of the files beside it that hold weights. */
  readonly external: readonly string[]
  /** Of all of them. */
  readonly sha256: string
}

/** @throws AUSCULT_INPUT_MISSING, AUSCULT_BUNDLE when it is no ONNX model or its weights are not where it says */
export async function readForeignModel(file: string): Promise<ForeignModel> {
  const content = await readFile(file).catch(cause => {
    const remedy = 'Check the path; it must be a file that ends with .onnx.'
    throw new AuscultError('AUSCULT_INPUT_MISSING', 'the model cannot be read', { at: file, cause, remedy })
  })
  const model = decodeModel(content, file)
  const tensors = [...tensorsOf(model.graph)].filter(tensor => tensor.dataLocation === EXTERNAL)
  const files = new Map<string, Uint8Array>()
  for (const name of new Set(tensors.map(locationOf))) files.set(name, await readExternal(file, name))
  const bytes = [...files.values()].reduce((sum, data) => sum + data.length, content.length)
  if (bytes > MOST_BYTES) {
    throw new AuscultError('AUSCULT_BUNDLE', `the model has ${(bytes / 2 ** 30).toFixed(1)} GiB; a bundle holds 2`, {
      at: file,
      remedy: 'Export it with float16 weights, or a smaller model.',
    })
  }
  for (const tensor of tensors) embed(tensor, files.get(locationOf(tensor))!, file)
  const hash = createHash('sha256').update(content)
  for (const data of files.values()) hash.update(data)
  return { model, file, bytes, external: [...files.keys()], sha256: hash.digest('hex') }
}

const entry = ({ externalData = [] }: TensorProto, key: string): string | undefined =>
  externalData.find(pair => pair.key === key)?.value

const locationOf = (tensor: TensorProto): string => entry(tensor, 'location') ?? ''

async function readExternal(file: string, name: string): Promise<Uint8Array> {
  const path = normalize(name)
  if (name === '' || isAbsolute(path) || path.startsWith('..')) {
    throw new AuscultError('AUSCULT_BUNDLE', `its weights are said to lie in "${name}", which is not beside it`, {
      at: file,
      remedy: 'Export the model again into one folder.',
    })
  }
  const at = join(dirname(file), path)
  return readFile(at).catch(cause => {
    throw new AuscultError('AUSCULT_INPUT_MISSING', `the weights of ${basename(file)} are missing`, {
      at,
      cause,
      remedy: `Copy ${name} beside ${basename(file)}: the two are one model.`,
    })
  })
}

function embed(tensor: TensorProto, data: Uint8Array, file: string): void {
  const offset = Number(entry(tensor, 'offset') ?? 0)
  const length = Number(entry(tensor, 'length') ?? data.length - offset)
  if (offset + length > data.length) {
    throw new AuscultError('AUSCULT_BUNDLE', `the weights ${tensor.name} end beyond the file that holds them`, {
      at: join(dirname(file), locationOf(tensor)),
      remedy: 'It was cut short, or belongs to another model: copy both files again.',
    })
  }
  tensor.rawData = data.subarray(offset, offset + length)
  delete tensor.dataLocation
  delete tensor.externalData
}

function* tensorsOf(graph: GraphProto): Generator<TensorProto> {
  yield* graph.initializer ?? []
  for (const { attribute = [] } of graph.node) {
    for (const each of attribute) {
      yield* ownTensors(each)
      for (const inner of graphsOf(each)) yield* tensorsOf(inner)
    }
  }
}

const ownTensors = (attribute: AttributeProto & { tensors?: TensorProto[] }): TensorProto[] => [
  ...(attribute.t ? [attribute.t] : []),
  ...(attribute.tensors ?? []),
]
