import { existsSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Session } from '../engine.ts'

/**
 * Providers worth trying on this machine, best first. ONNX Runtime says loudly on stderr when one cannot be loaded, so `auto` looks
 * before it tries.
 */
export function usableProviders(): Session['device'][] {
  return [...(hasCuda() ? ['cuda' as const] : []), ...(hasGraphics() ? ['webgpu' as const] : []), 'cpu']
}

/** The CUDA provider is a library that the package's install script fetches, beside the binding. */
function hasCuda(): boolean {
  const root = dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json'))
  const folder = join(root, 'bin', 'napi-v6', process.platform, process.arch)
  return existsSync(join(folder, 'libonnxruntime_providers_cuda.so')) && existsSync('/dev/nvidiactl')
}

/** macOS and Windows always have a graphics driver; on Linux it shows as a render node. */
function hasGraphics(): boolean {
  if (process.platform !== 'linux') return true
  return existsSync('/dev/dri') && readdirSync('/dev/dri').some(name => name.startsWith('renderD'))
}
