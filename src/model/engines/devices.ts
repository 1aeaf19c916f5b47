import type { PassedOver, Session } from '../engine.ts'
import { cudaObstacle } from './cuda.ts'
import { explainGraphics, graphicsObstacle, onlySoftware, softwareAdapter } from './graphics.ts'
import { thisMachine } from './machine.ts'
import { explain } from './obstacles.ts'
import { type TrialResult, tryDevice } from './trial.ts'

type Name = Session['device']

/** What a device is on this machine. */
export interface DeviceState {
  readonly device: Name
  /** Whether `auto` takes it. */
  readonly isTaken: boolean
  /** Whether it works when it is asked for by name. */
  readonly works: boolean
  readonly reason?: string
  readonly remedy?: string
}

type Trial = typeof tryDevice

const known = new Map<Name, Promise<PassedOver | undefined>>()

/** Why `auto` does not take a device; undefined where it does. Looked up once in each thread. */
export function whyNot(device: Name): Promise<PassedOver | undefined> {
  const answer = known.get(device) ?? inspectDevice(device).then(passedOverOf)
  known.set(device, answer)
  return answer
}

/**
 * Looks first, and tries what may work in a process of its own.
 * @param thorough also tries what `auto` would not take, since it may be asked for by name
 */
export async function inspectDevice(
  device: Name,
  { machine = thisMachine, trial = tryDevice as Trial, thorough = false } = {},
): Promise<DeviceState> {
  if (device === 'cpu') return { device, isTaken: true, works: true }
  const obstacle = device === 'cuda' ? cudaObstacle(machine) : graphicsObstacle(machine)
  const mayWork = device === 'webgpu' && thorough && softwareAdapter(machine) !== undefined
  if (obstacle && !mayWork) return { device, isTaken: false, works: false, ...obstacle }
  const { result, output } = await trial(device)
  if (!result.works)
    return { device, isTaken: false, works: false, ...explain(device, result.message, output, machine) }
  if (device === 'cuda' || isHardware(result)) return { device, isTaken: true, works: true }
  const { remedy } = obstacle ?? explainGraphics('No supported adapters', machine)
  return { device, isTaken: false, works: true, reason: onlySoftware(softwareAdapter(machine)), remedy }
}

const isHardware = (result: TrialResult & { works: true }): boolean => result.cards?.length !== 0

function passedOverOf({ device, isTaken, reason = 'it does not work', remedy }: DeviceState): PassedOver | undefined {
  if (isTaken) return undefined
  return { device, reason, ...(remedy !== undefined && { remedy }) }
}

/** For people: `not cuda: there is no NVIDIA driver`. */
export const describePassedOver = ({ device, reason }: PassedOver): string => `not ${device}: ${reason}`
