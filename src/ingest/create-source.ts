import { type Clock, systemClock } from '../clock.ts'
import { z } from '../config.ts'
import { type Logger, silentLogger } from '../logger.ts'
import { FilesSource, filesSourceSchema } from './files.ts'
import { folderSourceSchema } from './folder/config.ts'
import { FolderSource } from './folder/folder.ts'
import { kafkaSourceSchema } from './kafka/config.ts'
import { KafkaSource } from './kafka/kafka-source.ts'
import { microphoneSourceSchema } from './microphone/config.ts'
import { MicrophoneSource } from './microphone/microphone.ts'
import type { Source, WindowSpec } from './source.ts'

/** Options of a source by its type. */
export const SOURCE_SCHEMAS = {
  files: filesSourceSchema,
  folder: folderSourceSchema,
  kafka: kafkaSourceSchema,
  microphone: microphoneSourceSchema,
} as const

/** The `sources.<name>` entry of a daemon's configuration. */
export const sourceSchema = z.discriminatedUnion('type', [
  SOURCE_SCHEMAS.files,
  SOURCE_SCHEMAS.folder,
  SOURCE_SCHEMAS.kafka,
  SOURCE_SCHEMAS.microphone,
])

export type SourceType = keyof typeof SOURCE_SCHEMAS

export type SourceConfig = z.infer<typeof sourceSchema>

/** Makes the source that a configuration describes. Touches nothing: see `Source.open`. */
export function createSource(
  name: string,
  config: SourceConfig,
  spec: WindowSpec,
  clock: Clock = systemClock,
  logger: Logger = silentLogger,
): Source {
  switch (config.type) {
    case 'files':
      return new FilesSource(name, config, spec, clock)
    case 'folder':
      return new FolderSource(name, config, spec, clock)
    case 'kafka':
      return new KafkaSource(name, config, spec, clock, logger)
    case 'microphone':
      return new MicrophoneSource(name, config, spec, clock)
  }
}
