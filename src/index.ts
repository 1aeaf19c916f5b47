/* The public API. Everything else may change without notice. */

export { checkConfig, loadConfig } from './config.ts'
export { createDaemon, type Daemon, type DaemonConfig, type DaemonParts, daemonConfigSchema } from './daemon.ts'
export { AuscultError, ERROR_CODES, type ErrorCode, type ErrorDetails } from './errors.ts'
export { MemorySource, type MemorySourceOptions } from './ingest/memory.ts'
export type { Source, WindowSpec } from './ingest/source.ts'
export { createLogger, type Logger, type LogLevel, silentLogger } from './logger.ts'
export { type Bundle, readBundle } from './model/bundle.ts'
export { loadScorer } from './model/bundle-scorer.ts'
export type { Device, EngineOptions } from './model/engine.ts'
export type { Calibration, Manifest } from './model/manifest.ts'
export type { Scorer, WindowScores } from './model/scorer.ts'
export type { ThresholdPolicy } from './model/threshold.ts'
export type { Progress, ProgressState } from './progress.ts'
export type { By, Deciding } from './stream/decisions/types.ts'
export { type TrainConfig, trainConfigSchema } from './train/config.ts'
export { type EvaluateOptions, type Evaluation, evaluateBundle, type Scored } from './train/evaluate.ts'
export { runTraining, type TrainCommand, type TrainSummary } from './train/train.ts'
export type {
  AuscultEvent,
  CloseReason,
  ClusterEvent,
  DecisionEvent,
  Delivery,
  DriftEvent,
  Episode,
  EpisodeChange,
  EpisodeEvent,
  Score,
  SourceCondition,
  SourceEvent,
  SourceFailure,
  SourceReports,
  Window,
} from './types.ts'
export { VERSION } from './version.ts'
