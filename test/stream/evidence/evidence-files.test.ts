import { readdirSync, readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { EvidenceFiles } from '../../../src/stream/evidence/evidence-files.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

const { folder: root } = temporaryFolder()
const DAY = 86_400_000
const NOW = Date.UTC(2026, 0, 31)
let made = 0

async function openFiles(options: { folder?: string; keepDays?: number | null; maxBytes?: number | null } = {}) {
  const { folder = join(root, String(made++)), keepDays = null, maxBytes = null } = options
  const files = new EvidenceFiles({ folder, keepDays, maxBytes })
  await files.open()
  return { files, folder, names: () => readdirSync(folder).sort() }
}

const text = (id: string, file: string) =>
  JSON.stringify({
    format: 1,
    episode_id: id,
    source: 'a',
    window: 'a/s/1',
    time: 1,
    score: 2,
    threshold: 1,
    summary: 'x',
    contributors: [],
    clip: {
      file,
      type: 'audio/wav',
      sample_rate: 8,
      stream: 's',
      from: 0,
      samples: 4,
      peak: { from: 0, samples: 4 },
      gaps: [],
    },
    scores: [],
    unit: 'dB',
    axes: { x: { name: 'time', unit: 's', edges: [0, 1] } },
    features: [[1]],
    reconstruction: [[1]],
    residual: [[0]],
  })

async function write(files: EvidenceFiles, id: string, { at = NOW, content = id, bytes = 100 } = {}) {
  const clip = new Uint8Array(bytes).fill(content.charCodeAt(0))
  const name = files.clipName(id, { type: 'audio/wav', extension: '.wav', bytes: clip })
  await files.write(id, text(id, name), name, clip, at)
  return name
}

const JSON_BYTES = text('a', `${'0'.repeat(25)}.wav`).length

describe('EvidenceFiles', () => {
  it('gives back what was written, and counts it', async () => {
    const { files, names } = await openFiles()
    const name = await write(files, 'a')
    expect(await files.read('a')).toEqual(JSON.parse(text('a', name)))
    expect(await files.clip('a')).toEqual({ type: 'audio/wav', bytes: expect.anything(), name })
    expect([files.files, files.bytes]).toEqual([2, JSON_BYTES + 100])
    expect(await files.read('b')).toBeUndefined()
    expect(await files.clip('b')).toBeUndefined()
    expect(names()).toHaveLength(2)
  })

  it('replaces both files of an episode', async () => {
    const { files, names } = await openFiles()
    await write(files, 'a', { content: 'x' })
    const name = await write(files, 'a', { content: 'y', bytes: 50 })
    expect(await files.clip('a')).toMatchObject({ name })
    expect([files.files, files.bytes, names().length]).toEqual([2, JSON_BYTES + 50, 2])
    expect(names()).toContain(name)
  })

  it('deletes pairs that are too old, and the oldest where there are too many bytes', async () => {
    const pair = JSON_BYTES + 100
    const { files, names } = await openFiles({ keepDays: 10, maxBytes: 2 * pair })
    await write(files, 'a', { at: NOW })
    await write(files, 'b', { at: NOW + DAY })
    await write(files, 'c', { at: NOW + 2 * DAY })
    expect(await files.read('a')).toBeUndefined()
    expect([files.files, files.bytes, names().length]).toEqual([4, 2 * pair, 4])
    await files.trim(NOW + 11.5 * DAY)
    expect(await files.read('b')).toBeUndefined()
    expect(await files.read('c')).toBeDefined()
    await files.trim(NOW + 13 * DAY)
    expect([files.files, files.bytes, names()]).toEqual([0, 0, []])
  })

  it('knows after a restart what is there, the oldest first', async () => {
    const { files, folder } = await openFiles()
    for (const id of ['a', 'b', 'c']) await write(files, id)
    const b = (await files.clip('b'))!.name
    utimesSync(join(folder, `${b.slice(0, 16)}.json`), 0, 0)
    const next = await openFiles({ folder, maxBytes: files.bytes })
    expect([next.files.files, next.files.bytes]).toEqual([files.files, files.bytes])
    await write(next.files, 'd')
    expect(await next.files.read('b')).toBeUndefined()
    expect(await next.files.read('a')).toBeDefined()
  })

  it('deletes what a crash left half done, and nothing of others', async () => {
    const { files, folder, names } = await openFiles()
    const name = await write(files, 'a')
    const before = names()
    const key = name.slice(0, 16)
    // Between a new clip and its JSON; between JSON and the old clip; while writing; a clip alone.
    writeFileSync(join(folder, `${key}-00000000.wav`), 'newer')
    writeFileSync(join(folder, `${key}.json.tmp`), '{')
    writeFileSync(join(folder, `${'f'.repeat(16)}-12345678.npz`), 'alone')
    writeFileSync(join(folder, 'notes.txt'), 'mine')
    const next = await openFiles({ folder })
    expect(names()).toEqual([...before, 'notes.txt'].sort())
    expect(await next.files.clip('a')).toMatchObject({ name })
  })

  it('says so when files are gone or damaged, and can be written again', async () => {
    const { files, folder } = await openFiles()
    const name = await write(files, 'a')
    const [json, clip] = [join(folder, `${name.slice(0, 16)}.json`), join(folder, name)]
    const good = readFileSync(clip)
    truncateSync(clip, 40)
    await expect(files.clip('a')).rejects.toMatchObject({ code: 'AUSCULT_STATE', at: clip })
    writeFileSync(clip, good)
    expect(await files.clip('a')).toBeDefined()
    for (const bad of ['{', '', '[]', text('b', name), text('a', name).replace('"format":1', '"format":2')]) {
      writeFileSync(json, bad)
      await expect(files.read('a')).rejects.toMatchObject({ code: 'AUSCULT_STATE', at: json })
    }
    rmSync(clip)
    expect(await files.clip('a')).toBeUndefined()
    const next = await openFiles({ folder })
    await expect(next.files.read('a')).rejects.toMatchObject({ code: 'AUSCULT_STATE' })
    rmSync(json)
    expect(await next.files.read('a')).toBeUndefined()
    await write(next.files, 'a')
    expect(await next.files.read('a')).toBeDefined()
    expect(next.files.files).toBe(2)
  })
})
