import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { PROJECT, tfjsNode } from '../helpers/requires.ts'

const modules = tfjsNode()

/** TensorFlow's library has more than a gigabyte; a second as a rule, much more on a machine that does much else. */
export const LOADING_MS = 300_000

export interface Place {
  name: string
  device: string
  /** What the backend says of itself. */
  expected: RegExp
  /** Where optional packages are found; Node's own search path finds none. */
  modules?: string
  node: string
}

const newerNode = modules && join(modules, `node_modules/node-linux-${process.arch}/bin/node`)

/** Every backend of the engine tfjs that can be had here, and a Node that has lost functions which tfjs-node calls. */
export const PLACES: Place[] = [
  { name: 'JavaScript', device: 'auto', expected: /^cpu \(tfjs-backend-cpu 4/, node: process.execPath },
  ...(modules && newerNode
    ? [
        {
          name: 'tfjs-node',
          device: 'cpu',
          expected: /^cpu \(@tensorflow\/tfjs-node 4/,
          modules,
          node: process.execPath,
        },
        {
          name: 'tfjs-node-gpu',
          device: 'auto',
          expected: /^(cpu|cuda) \(@tensorflow\/tfjs-node-gpu 4/,
          modules,
          node: process.execPath,
        },
        {
          name: 'tfjs-node on a newer Node',
          device: 'cpu',
          expected: /^cpu \(@tensorflow\/tfjs-node 4/,
          modules,
          node: newerNode,
        },
      ]
    : []),
]

/** Runs a script of this folder there. @returns what it prints. @throws Error with what it says when it fails */
export async function runThere({ modules, node, device }: Place, script: string, ...args: string[]): Promise<string> {
  const path = join(PROJECT, 'test/tfjs-node', script)
  const env = { ...process.env, NODE_PATH: modules ? join(modules, 'node_modules') : '' }
  const { stdout } = await promisify(execFile)(node, ['--import', 'tsx', path, device, ...args], {
    cwd: PROJECT,
    env,
    maxBuffer: 2 ** 28,
  })
  return stdout
}
