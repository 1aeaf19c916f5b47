import { AuscultError, messageOf } from '../../errors.ts'
import { ACCELERATORS, type CreateSession, type EngineOptions, type PassedOver, type Session } from '../engine.ts'
import { whyNot } from './devices.ts'
import { explain } from './obstacles.ts'
import { createSessionOn } from './onnx-session.ts'

export { onnxruntimeVersion } from './onnx-session.ts'

/**
 * Compiles an ONNX model with ONNX Runtime. `auto` takes the best device that works, and the session says what was wrong with the others; a
 * device asked for by name is used or refused.
 */
export const createOnnxSession: CreateSession = (model, options, keep = []) =>
  options.device === 'auto'
    ? createOnBest(model, options, keep)
    : createSessionOn(options.device, model, options, keep, [])

async function createOnBest(model: Uint8Array, options: EngineOptions, keep: readonly string[]): Promise<Session> {
  const passedOver: PassedOver[] = []
  for (const device of ACCELERATORS) {
    const known = options.passOver?.find(other => other.device === device) ?? (await whyNot(device))
    if (known) passedOver.push(known)
    else {
      try {
        return await createSessionOn(device, model, options, keep, passedOver)
      } catch (error) {
        passedOver.push({ device, ...explain(device, messageOf(causeOf(error))) })
      }
    }
  }
  return createSessionOn('cpu', model, options, keep, passedOver)
}

const causeOf = (error: unknown): unknown => (error instanceof AuscultError && error.cause ? error.cause : error)
