import type { EngineOptions } from '../model/engine.ts'
import { type TfjsBackend, tfjsBackends } from '../model/engines/tfjs-backends.ts'
import { type Check, missing, ok } from './check.ts'

/** The backends of the engine tfjs. They are needed for a GPU only: the last one is always there. */
export async function checkTfjs(
  { engine, device: wanted }: EngineOptions,
  find: typeof tfjsBackends = tfjsBackends,
): Promise<Check[]> {
  const backends = await find()
  const isUsed = engine === 'tfjs'
  const fits = ({ device }: TfjsBackend) => device !== undefined && (wanted === 'auto' || wanted === device)
  const taken = isUsed ? backends.find(fits) : undefined
  const isLacking = isUsed && taken === undefined
  const checks = backends.map(backend => {
    const { name, version, tensorflow, device, reason, remedy } = backend
    if (device === undefined) return missing(name, isLacking && wanted === 'cuda', reason ?? 'it does not work', remedy)
    const library = tensorflow ? `, TensorFlow ${tensorflow}` : ''
    const choice = backend === taken ? `, and taken: device is ${wanted}` : ''
    return ok(name, `${version}${library}, works on ${device}${choice}${reason ? `; ${reason}` : ''}`)
  })
  if (!isLacking) return checks
  return [...checks, missing('device', true, `no backend computes on ${wanted}`, 'Use device: auto, or engine: onnx.')]
}
