import type { Device } from '../../src/model/engine.ts'
import { tfjsBackends } from '../../src/model/engines/tfjs-backends.ts'
import { loadTfjs } from '../../src/model/engines/tfjs-load.ts'

/** `load-child.ts <device> [backends]`: prints what is loaded for the device, and what is told of each backend if asked. */
const backends = process.argv[3] === 'backends' ? await tfjsBackends() : undefined
const loaded = loadTfjs({ device: process.argv[2] as Device, threads: 1 })
process.stdout.write(JSON.stringify({ backends, loaded }))
