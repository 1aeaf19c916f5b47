import { availableParallelism, totalmem } from 'node:os'
import { onnxruntimeVersion } from '../model/engines/onnx.ts'
import { VERSION } from '../version.ts'
import { type Check, missing, ok } from './check.ts'

/** The first Node that Auscult runs on, as package.json says. */
const NODE = [20, 19] as const

export function checkVersions(node = process.versions.node): Check[] {
  const [major, minor] = node.split('.').map(Number)
  const isRecent = major > NODE[0] || (major === NODE[0] && minor >= NODE[1])
  const wanted = NODE.join('.')
  return [
    ok('auscult', VERSION),
    isRecent
      ? ok('node', node)
      : missing('node', true, `${node} is too old`, `Install Node.js ${wanted} or later: https://nodejs.org`),
    ok('onnxruntime', onnxruntimeVersion),
    ok('machine', `${process.platform} ${process.arch}, ${availableParallelism()} cores, ${gigabytes(totalmem())}`),
  ]
}

export const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(bytes < 1e10 ? 1 : 0)} GB`
