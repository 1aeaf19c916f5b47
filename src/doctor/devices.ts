import { ACCELERATORS, type EngineOptions } from '../model/engine.ts'
import { type DeviceState, inspectDevice } from '../model/engines/devices.ts'
import { type Check, missing, ok } from './check.ts'

type Inspect = (device: DeviceState['device']) => Promise<DeviceState>

/** Each device of the engine onnx, and which of them is taken. */
export async function checkDevices(
  { engine, device: wanted }: EngineOptions,
  inspect: Inspect = all,
): Promise<Check[]> {
  const states = await Promise.all([...ACCELERATORS, 'cpu' as const].map(inspect))
  const isUsed = engine !== 'tfjs'
  const best = states.find(({ isTaken }) => isTaken)?.device
  const taken = wanted === 'auto' ? best : wanted
  return states.map(({ device, isTaken, works, reason, remedy }) => {
    const isWanted = isUsed && device === wanted
    const choice = isUsed && device === taken && works ? `, and taken: device is ${wanted}` : ''
    if (isTaken) return ok(device, `works${choice}`)
    if (works && isWanted) return ok(device, `works${choice}; ${reason}`)
    if (works) return missing(device, false, `works when it is asked for by name; ${reason}`, remedy)
    return missing(device, isWanted, reason ?? 'it does not work', remedy)
  })
}

const all: Inspect = device => inspectDevice(device, { thorough: true })
