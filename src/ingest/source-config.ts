import { z } from '../config.ts'
import { filesSourceSchema } from './files-config.ts'
import { folderSourceSchema } from './folder/config.ts'
import { kafkaSourceSchema } from './kafka/config.ts'
import { microphoneSourceSchema } from './microphone/config.ts'

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
