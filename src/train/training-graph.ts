import type { Model, Phase, Refresh, Update } from '../model/families/model.ts'
import { tf } from '../model/tf.ts'
import { type InputSpec, NEXT, pack, type TracedGraph, trace } from '../model/trace/trace.ts'
import { assignPieces } from './assign-pieces.ts'
import type { Optimizer } from './optimizers.ts'

/** Inputs of the training graph besides the state. */
export const ITEMS = 'items'
export const LABELS = 'labels'
export const RATE = 'rate'
export const STEP = 'step'
export const randomName = (index: number): string => `random${index}`

/** How the vectors of the state are called besides the parts themselves and the statistics. */
export const STATISTICS = 'statistics'
export const slotName = (part: string, slot: string): string => (part === 'weights' ? slot : `${part}.${slot}`)
export const averageName = (part: string): string => `${part}.average`

/** How many items a batch has, and how many frames these have where that is not as in featureShape. */
export interface BatchShape {
  readonly n: number
  readonly frames?: number
}

/** Shape of a batch's items. */
export const itemsShape = ({ featureShape }: Pick<Model, 'featureShape'>, { n, frames }: BatchShape): number[] =>
  frames === undefined ? [n, ...featureShape] : [n, frames, ...featureShape.slice(1)]

/**
 * Optimiser steps on a batch of `n` items as a TensorFlow.js program: forward, backward, optimiser, statistics; for each update in turn.
 * It is what the training graph is traced from, and what the tests run on TensorFlow.js's CPU backend.
 * @param inputs items `[n, …]`, labels `[n]` where the model takes them, rate and step (scalars), random numbers `[n, …]`, the
 *   optimiser's slots and the moving averages of weights
 * @returns the loss of the first update, and the new vectors of the state by their names
 */
export function trainingStep(
  model: Model,
  updates: readonly Update[],
  optimizer: Optimizer,
  inputs: Record<string, tf.Tensor>,
): { loss: tf.Tensor; state: Record<string, tf.Tensor> } {
  const batch = { items: inputs[ITEMS], labels: inputs[LABELS] }
  model.randoms.forEach((random, i) => {
    random.value = inputs[randomName(i)]
  })
  const state: Record<string, tf.Tensor> = {}
  let loss: tf.Tensor | undefined
  for (const [place, { part, every = 1, loss: objective }] of updates.entries()) {
    const variables = [...model.parts[part]]
    const { value, grads } = tf.variableGrads(() => objective(batch), variables)
    loss ??= value
    const gradient = pack(variables.map(variable => grads[variable.name] ?? tf.zeros(variable.shape)))
    const before = Object.fromEntries(
      optimizer.slots.map(slot => [slot, state[slotName(part, slot)] ?? inputs[slotName(part, slot)]]),
    )
    const count = every === 1 ? inputs[STEP] : tf.div(inputs[STEP], every)
    const { weights, slots } = optimizer.update(state[part] ?? pack(variables), gradient, inputs[RATE], count, before)
    state[part] = weights
    for (const [slot, tensor] of Object.entries(slots)) state[slotName(part, slot)] = tensor
    if (place < updates.length - 1) assignPieces(weights, variables)
  }
  if (model.average !== undefined) {
    for (const part of new Set(updates.map(update => update.part))) {
      const old = tf.mul(inputs[averageName(part)], model.average)
      state[averageName(part)] = tf.add(old, tf.mul(state[part], 1 - model.average))
    }
  }
  return { loss: loss!, state }
}

/** The training step as a graph: `(items, labels, rate, step, random numbers, state) → (loss, state:next)`. */
export function trainingGraph(
  model: Model,
  updates: readonly Update[],
  optimizer: Optimizer,
  shape: BatchShape,
): TracedGraph {
  const randoms = model.randoms.map(({ itemShape }, i) => [randomName(i), { shape: [shape.n, ...itemShape] }])
  const parts = [...new Set(updates.map(({ part }) => part))]
  const vectors = parts.flatMap(part => {
    const size = sizeOfAll(model.parts[part])
    const names = optimizer.slots.map(slot => slotName(part, slot))
    if (model.average !== undefined) names.push(averageName(part))
    return names.map(name => [name, { shape: [size] }])
  })
  return trace({
    name: 'auscult_training',
    inputs: {
      ...batchInputs(model, shape),
      [RATE]: { shape: [] },
      [STEP]: { shape: [] },
      ...Object.fromEntries([...randoms, ...vectors]),
    },
    variables: { ...model.parts, ...(model.statistics.length ? { [STATISTICS]: model.statistics } : {}) },
    layers: model.layers,
    fn: inputs => {
      const { loss, state } = trainingStep(model, updates, optimizer, inputs)
      return { loss, ...Object.fromEntries(Object.entries(state).map(([name, tensor]) => [name + NEXT, tensor])) }
    },
  })
}

/** The mean loss of a batch in inference mode: `(items, labels, weights, statistics) → (loss)`. */
export function evaluationGraph(model: Model, phase: Phase, shape: BatchShape): TracedGraph {
  return trace({
    name: 'auscult_evaluation',
    inputs: batchInputs(model, shape),
    variables: scoringVariables(model),
    layers: model.layers,
    fn: ({ [ITEMS]: items, [LABELS]: labels }) => ({ loss: phase.validate({ items, labels }) }),
  })
}

/** What a refresh needs of each item: `(items, weights, statistics) → (rows)`. */
export function measuringGraph(model: Model, refresh: Refresh, shape: BatchShape): TracedGraph {
  return trace({
    name: 'auscult_measuring',
    inputs: { [ITEMS]: { shape: itemsShape(model, shape) } },
    variables: scoringVariables(model),
    layers: model.layers,
    fn: ({ [ITEMS]: items }) => ({ rows: refresh.measure(items) }),
  })
}

/** Where the vectors of a model are that it scores with, by their names in the state. */
export function scoringVariables(model: Model): Record<string, readonly tf.Variable[]> {
  const name = (part: string) => (model.average === undefined ? part : averageName(part))
  return {
    ...Object.fromEntries(Object.entries(model.parts).map(([part, variables]) => [name(part), variables])),
    ...(model.statistics.length ? { [STATISTICS]: model.statistics } : {}),
  }
}

export const sizeOfAll = (variables: readonly tf.Variable[]): number =>
  variables.reduce((sum, { size }) => sum + size, 0)

function batchInputs(model: Model, shape: BatchShape): Record<string, InputSpec> {
  const items = { [ITEMS]: { shape: itemsShape(model, shape) } }
  return model.takesLabels ? { ...items, [LABELS]: { shape: [shape.n] } } : items
}
