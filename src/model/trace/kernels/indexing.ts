import type { Kernels } from './kernel.ts'

export const indexing: Kernels = {
  GatherV2: (t, { x, indices }, { axis, batchDims }) => {
    if (batchDims) t.unsupported('GatherV2', [x], 'with batchDims has no ONNX kernel')
    const at = axis < 0 ? x.shape.length + axis : axis
    const shape = [...x.shape.slice(0, at), ...indices.shape, ...x.shape.slice(at + 1)]
    return t.tensor(t.node('Gather', [t.value(x), t.value(indices)], { axis: at }), shape, x.dtype)
  },
  GatherNd: (t, { params, indices }) => {
    const depth = indices.shape.at(-1)
    const shape = [...indices.shape.slice(0, -1), ...params.shape.slice(depth)]
    const at = t.node('Cast', [t.value(indices)], { to: 7 })
    return t.tensor(t.node('GatherND', [t.value(params), at]), shape, params.dtype)
  },
  ScatterNd: (t, { indices, updates }, { shape }) => {
    const at = t.node('Cast', [t.value(indices)], { to: 7 })
    const zeros = t.value(t.filled(0, shape, updates.dtype))
    return t.tensor(t.node('ScatterND', [zeros, at, t.value(updates)], { reduction: 'add' }), shape, updates.dtype)
  },
  // The gradient of gather: rows that were taken several times add up.
  UnsortedSegmentSum: (t, { x, segmentIds }, { numSegments }) => {
    const shape = [numSegments, ...x.shape.slice(1)]
    const at = t.reshape(t.node('Cast', [t.value(segmentIds)], { to: 7 }), [segmentIds.shape[0], 1])
    const zeros = t.value(t.filled(0, shape, x.dtype))
    return t.tensor(t.node('ScatterND', [zeros, at, t.value(x)], { reduction: 'add' }), shape, x.dtype)
  },
  OneHot: (t, { indices }, { depth, onValue, offValue, dtype }) => {
    const values = t.graph.floats([offValue, onValue], [2])
    const y = t.node('OneHot', [t.node('Cast', [t.value(indices)], { to: 7 }), t.graph.ints64([depth]), values], {
      axis: -1,
    })
    const cast = dtype === 'int32' ? t.node('Cast', [y], { to: 6 }) : y
    return t.tensor(cast, [...indices.shape, depth], dtype === 'int32' ? 'int32' : 'float32')
  },
}
