import { AuscultError } from '../../errors.ts'
import { type GraphProto, ONNX_TYPE, type ValueInfoProto } from '../onnx/model.ts'

/** What a model wants to be fed. */
export interface ModelInput {
  readonly name: string
  /** TensorProto.DataType */
  readonly type: number
  /** null: any length. The first is the batch, unless a layout says otherwise. Undefined where the model does not say. */
  readonly dims: readonly (number | null)[] | undefined
}

/** Types that features can be converted to. */
const TYPES: readonly number[] = [ONNX_TYPE.float32, ONNX_TYPE.float16, ONNX_TYPE.float64]

export const typeName = (type: number): string =>
  Object.entries(ONNX_TYPE).find(([, number]) => number === type)?.[0] ?? `type ${type}`

export const dimsOf = (info: ValueInfoProto): (number | null)[] | undefined =>
  info.type?.tensorType?.shape && (info.type.tensorType.shape.dim ?? []).map(({ dimValue }) => dimValue || null)

/** What has to be fed: inputs that are no weights. Old exporters list those as well. */
export function trueInputs(graph: GraphProto): ModelInput[] {
  const weights = new Set((graph.initializer ?? []).map(({ name }) => name))
  return graph.input
    .filter(({ name }) => !weights.has(name))
    .map(info => ({ name: info.name, type: info.type?.tensorType?.elemType ?? 0, dims: dimsOf(info) }))
}

/** The input that takes the features. @throws AUSCULT_CONFIG when it is not known which, AUSCULT_BUNDLE when it cannot take them */
export function chooseInput(graph: GraphProto, wanted: string | null, at: string): ModelInput {
  const inputs = trueInputs(graph)
  const names = inputs.map(({ name }) => name).join(', ')
  const input = wanted === null ? inputs[0] : inputs.find(({ name }) => name === wanted)
  if (!input) {
    throw new AuscultError('AUSCULT_CONFIG', `input.name: the model has no input ${wanted}`, {
      at,
      remedy: `Its inputs: ${names || 'none'}.`,
    })
  }
  if (inputs.length > 1) {
    throw new AuscultError('AUSCULT_BUNDLE', `the model wants ${inputs.length} inputs: ${names}`, {
      at,
      remedy: 'Export it with features alone as input, the others as constants.',
    })
  }
  if (!TYPES.includes(input.type)) {
    throw new AuscultError('AUSCULT_BUNDLE', `the input ${input.name} takes ${typeName(input.type)}`, {
      at,
      remedy: 'Export the model with an input of float32, float16 or float64.',
    })
  }
  return input
}
