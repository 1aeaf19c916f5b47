import { mkdirSync, writeFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { AuscultError, messageOf } from '../errors.ts'
import type { Evidence } from '../stream/evidence/evidence.ts'
import type { Client, Download } from './client.ts'
import type { Outcome } from './outcome.ts'
import { findEpisode } from './references.ts'
import { list } from './table.ts'
import { fully } from './time.ts'
import { contributorsText } from './views/episodes.ts'
import { score, times } from './views/numbers.ts'

/** Shows why an episode scored so; with a folder, writes it there as JSON, and the clip beside it. @throws AUSCULT_OUTPUT */
export async function evidence(client: Client, reference: string, { out }: { out?: string }): Promise<Outcome> {
  const id = await findEpisode(client, reference)
  const path = ['v1', 'episodes', id]
  const body = await client.get<Evidence>([...path, 'evidence'])
  const files = out === undefined ? [] : write(out, id, body, await client.download([...path, 'clip']))
  return { body, text: ({ now }) => [evidenceText(body, now), ...files.map(file => `wrote ${file}`)].join('\n') }
}

function evidenceText(evidence: Evidence, now: number): string {
  const { episode_id, window, time, threshold } = evidence
  return list([
    ['episode', episode_id],
    ['window', `${window}, ${fully(time, now)}`],
    ['score', `${score(evidence.score)}, ${times(evidence.score, threshold)} the threshold`],
    ['why', contributorsText(evidence)],
    ['clip', clipText(evidence.clip)],
  ])
}

function clipText(clip: Evidence['clip']): string {
  if (clip.type !== 'audio/wav')
    return `${clip.frames} frames of ${clip.shape.join(' × ')}, the one explained is ${clip.peak}`
  const at = (samples: number) => Number((samples / clip.sample_rate).toFixed(2))
  const [from, to] = [clip.peak.from, clip.peak.from + clip.peak.samples].map(at)
  return `${at(clip.samples)} s of sound; the window that is explained lies from ${from} to ${to} s`
}

function write(folder: string, id: string, evidence: Evidence, clip: Download): string[] {
  const name = id.replaceAll(/[^\w.-]+/g, '_').slice(-100)
  const files = [
    [join(folder, `${name}.json`), `${JSON.stringify(evidence)}\n`],
    [join(folder, `${name}${extname(clip.name)}`), clip.bytes],
  ] as const
  try {
    mkdirSync(folder, { recursive: true })
    for (const [file, content] of files) writeFileSync(file, content)
  } catch (cause) {
    const remedy = 'Name a folder that can be written with --out.'
    throw new AuscultError('AUSCULT_OUTPUT', `cannot be written: ${messageOf(cause)}`, { at: folder, cause, remedy })
  }
  return files.map(([file]) => file)
}
