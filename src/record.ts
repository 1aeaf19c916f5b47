import { type Clock, systemClock } from './clock.ts'
import { checkConfig } from './config.ts'
import { AuscultError } from './errors.ts'
import { createSource } from './ingest/create-source.ts'
import { inputFormatSchema } from './ingest/format.ts'
import type { RecordConfig } from './ingest/record/config.ts'
import { FeedRecording, type RecordedSource } from './ingest/record/record-feed.ts'
import type { Source, WindowSpec } from './ingest/source.ts'
import type { SourceConfig } from './ingest/source-config.ts'
import type { Logger } from './logger.ts'
import { readBundle } from './model/bundle.ts'
import { bundleFolder } from './model/foreign/bundle-folder.ts'

/** What `auscult record` takes of a daemon's configuration. */
export interface RecordingConfig {
  readonly bundle?: string
  readonly model?: string
  readonly sources: Readonly<Record<string, SourceConfig>>
  readonly record: RecordConfig
}

export interface RecordingParts {
  readonly logger: Logger
  /** Ends the recording; what was received is still written. */
  readonly signal: AbortSignal
  readonly clock?: Clock
  /** Feeds besides those of the configuration. */
  readonly feeds?: (spec: WindowSpec) => readonly Source[]
}

/** Windows of sound are so long: what a stop or the end of a file cuts off is shorter. */
const WINDOW_SECONDS = 0.1

/**
 * Captures sources to files until they end or the signal aborts, each on its own: one that breaks off leaves the others recording.
 * @throws AUSCULT_CONFIG, AUSCULT_INPUT_MISSING, AUSCULT_OUTPUT before anything is recorded; the error of a source that broke off at the end
 */
export async function runRecording(config: RecordingConfig, parts: RecordingParts): Promise<RecordedSource[]> {
  const { record } = config
  const { logger, signal, clock = systemClock, feeds = () => [] } = parts
  const spec = await recordedWindows(config)
  const configured = Object.entries(config.sources).map(([name, source]) =>
    createSource(name, source, spec, clock, logger),
  )
  const sources = [...configured, ...feeds(spec)]
  if (sources.length === 0) {
    const remedy = 'Name at least one source; `auscult config run` prints a sample.'
    throw new AuscultError('AUSCULT_CONFIG', 'there is nothing to record', { at: 'sources', remedy })
  }
  const options = { config: record, spec, clock, logger, signal }
  const recordings = sources.map(source => new FeedRecording(source, options))
  for (const recording of recordings) await recording.open()
  const ended = await Promise.allSettled(recordings.map(recording => recording.run()))
  const broken = ended.find(result => result.status === 'rejected')
  if (broken) throw broken.reason
  return ended.flatMap(result => (result.status === 'fulfilled' ? result.value : []))
}

/** Whole windows without overlap, of what the configuration or else the bundle says. */
async function recordedWindows({ bundle: named, model, record }: RecordingConfig): Promise<WindowSpec> {
  if (record.sample_rate !== null) return soundAt(record.sample_rate)
  if (record.shape) return { shape: record.shape, sampleRate: null, hop: 1 }
  const bundle = named ?? model
  if (bundle === undefined) {
    throw new AuscultError('AUSCULT_CONFIG', 'nothing says what the sources give', {
      at: 'record',
      remedy: 'Set `record.sample_rate` for sound, `record.shape` for frames, or `bundle` to a model that takes them.',
    })
  }
  const { window, input = {} } = (await readBundle(await bundleFolder({ bundle, model }))).manifest
  if (window.sample_rate !== null) return soundAt(window.sample_rate)
  const format = checkConfig(input, inputFormatSchema, `${bundle}: input`)
  return { shape: window.shape, sampleRate: null, hop: 1, format }
}

function soundAt(sampleRate: number): WindowSpec {
  const samples = Math.max(1, Math.round(sampleRate * WINDOW_SECONDS))
  return { shape: [samples], sampleRate, hop: samples }
}

/** What was recorded, for people. */
export function formatRecorded(sources: readonly RecordedSource[]): string {
  return sources
    .map(({ source, folder, files, seconds, frames, failed, unwritten }) => {
      const amount = seconds === null ? counted(frames, 'frame') : `${Number(seconds.toFixed(1))} s`
      const lost = [
        failed > 0 && `${counted(failed, 'window')} failed`,
        unwritten > 0 && `${counted(unwritten, 'window')} not written`,
      ]
      return [`${source}: ${amount} in ${counted(files, 'file')}`, ...lost.filter(Boolean), folder].join(', ')
    })
    .join('\n')
}

const counted = (n: number, thing: string): string => `${n} ${thing}${n === 1 ? '' : 's'}`
