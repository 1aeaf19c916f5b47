import { type Clock, systemClock } from '../clock.ts'
import { type Logger, silentLogger } from '../logger.ts'
import { FilesSource } from './files.ts'
import { FolderSource } from './folder/folder.ts'
import { KafkaSource } from './kafka/kafka-source.ts'
import { MicrophoneSource } from './microphone/microphone.ts'
import type { Source, WindowSpec } from './source.ts'
import type { SourceConfig } from './source-config.ts'

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
