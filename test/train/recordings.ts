import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { encodeWav } from '../../src/ingest/wav-encode.ts'
import { seeded } from '../../src/random.ts'

/** A folder for one test, with recordings written into it. */
export function workFolder(name: string) {
  const path = mkdtempSync(join(tmpdir(), `${name}-`))
  const write = (file: string, bytes: Uint8Array | string) => {
    mkdirSync(dirname(join(path, file)), { recursive: true })
    writeFileSync(join(path, file), bytes)
    return join(path, file)
  }
  return {
    path,
    write,
    /** Samples as a float wav. */
    wav: (file: string, samples: Float32Array, sampleRate = 1000) =>
      write(file, encodeWav(samples, sampleRate, 'float32')),
    remove: () => rmSync(path, { recursive: true, force: true }),
  }
}

/** A hum of two partials with noise, `n` samples. */
export function hum(n: number, seed: number, pitch = 0.05): Float32Array {
  const random = seeded(seed)
  const phase = random.uniform() * 6
  return Float32Array.from(
    { length: n },
    (_, i) => 0.4 * Math.sin(pitch * i + phase) + 0.2 * Math.sin(2 * pitch * i + phase) + 0.02 * random.normal(),
  )
}
