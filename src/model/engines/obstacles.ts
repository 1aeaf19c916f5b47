import type { Session } from '../engine.ts'
import { cudaObstacle, explainCuda, type Obstacle } from './cuda.ts'
import { explainGraphics } from './graphics.ts'
import { type Machine, thisMachine } from './machine.ts'

type Name = Session['device']

/** A device that was asked for by name and certainly cannot be had. */
export const certainObstacle = (device: Name, machine = thisMachine): Obstacle | undefined =>
  device === 'cuda' ? cudaObstacle(machine) : undefined

/** What an engine says when a device cannot be used, for people. */
export function explain(device: Name, message: string, output = '', machine: Machine = thisMachine): Obstacle {
  if (device === 'cuda') return explainCuda(firstLine(message), output)
  if (device === 'webgpu') return explainGraphics(firstLine(message), machine)
  return { reason: firstLine(message), remedy: 'Reinstall the package onnxruntime-node: `npm ci`.' }
}

/** Drivers explain themselves at length, and name files of those who built them. */
const firstLine = (message: string): string => message.replace(/^\/\S+\.cc:\d+ .* was false\. /, '').split('\n', 1)[0]
