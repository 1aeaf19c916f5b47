import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { loadConfig } from '../config.ts'
import { type DaemonConfig, daemonConfigSchema } from '../daemon-config.ts'
import type { RecorderName } from '../ingest/microphone/config.ts'
import type { KafkaConnection } from '../kafka-config.ts'
import type { EngineOptions } from '../model/engine.ts'
import { engineOf, type TrainConfig, trainConfigSchema } from '../train/config.ts'

export interface KafkaNeed {
  /** Its place in the configuration. */
  readonly at: string
  readonly connection: KafkaConnection
  readonly topics: readonly string[]
}

/** A folder that is written to, and how much may come there. */
export interface FolderNeed {
  readonly name: string
  /** The file of the event store, or a folder. */
  readonly path: string
  readonly isStore: boolean
  /** Null: no bound is set. */
  readonly megabytes: number | null
}

/** What a configuration needs of the machine. */
export interface Needs {
  readonly config: string | null
  readonly engine: EngineOptions
  /** Recorders of its microphones. */
  readonly recorders: readonly ('auto' | RecorderName)[]
  readonly kafka: readonly KafkaNeed[]
  /** Undefined for training, which listens nowhere. */
  readonly http?: { readonly host: string; readonly port: number }
  readonly folders: readonly FolderNeed[]
  /** The options that name the model; undefined where there is none to load. */
  readonly model?: Pick<DaemonConfig, 'bundle' | 'model'>
}

/** What `auscult run` needs with the defaults, before there is a bundle. */
const DEFAULTS: Needs = {
  config: null,
  engine: { engine: 'onnx', device: 'auto', precision: 'fp32', threads: 1 },
  recorders: [],
  kafka: [],
  http: { host: '127.0.0.1', port: 8080 },
  folders: [],
}

/**
 * Reads a configuration of `auscult run` or `auscult train`.
 * @throws AUSCULT_INPUT_MISSING, AUSCULT_CONFIG
 */
export function readNeeds(file: string | undefined, env: NodeJS.ProcessEnv = process.env): Needs {
  if (file === undefined) return DEFAULTS
  if (isForTraining(file)) {
    return needsOfTraining(file, loadConfig(file, trainConfigSchema, env, '`auscult config train`'))
  }
  return needsOfDaemon(file, loadConfig(file, daemonConfigSchema, env, '`auscult config run`'))
}

/** By the one option that training must have, and the daemon has not. */
function isForTraining(file: string): boolean {
  try {
    return /^input:/m.test(readFileSync(file, 'utf8'))
  } catch {
    // Whoever reads it next says so.
    return false
  }
}

function needsOfTraining(config: string, { engine, output }: TrainConfig): Needs {
  const folders = [{ name: 'output', path: dirname(output), isStore: false, megabytes: null }]
  return { config, engine: engineOf(engine), recorders: [], kafka: [], folders }
}

function needsOfDaemon(config: string, run: DaemonConfig): Needs {
  const { bundle, model, scorer, sources, sinks, http, store, evidence } = run
  const { workers: _, ...engine } = scorer
  const kafka: KafkaNeed[] = Object.entries(sources).flatMap(([name, source]) =>
    source.type === 'kafka' ? [{ at: `sources.${name}`, connection: source, topics: source.topics }] : [],
  )
  if (sinks.kafka) {
    const topics = [sinks.kafka.events_topic, sinks.kafka.scores_topic].filter(topic => topic !== null)
    kafka.push({ at: 'sinks.kafka', connection: sinks.kafka, topics })
  }
  const folders: FolderNeed[] = []
  if (store.path !== null) folders.push({ name: 'store', path: store.path, isStore: true, megabytes: store.max_mb })
  const clips = evidence.path ?? (store.path === null ? null : `${store.path}.evidence`)
  if (evidence.enabled && clips !== null) {
    folders.push({ name: 'evidence', path: clips, isStore: false, megabytes: evidence.max_mb })
  }
  const recorders = Object.values(sources).flatMap(source => (source.type === 'microphone' ? [source.recorder] : []))
  return { config, engine, recorders, kafka, http, folders, model: { bundle, model } }
}
