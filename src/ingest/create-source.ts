import { type Clock, systemClock } from '../clock.ts'
import type { z } from '../config.ts'
import { FilesSource, filesSourceSchema } from './files.ts'
import type { Source, WindowSpec } from './source.ts'

/** The `sources.<name>` entry of a daemon's configuration. */
export const sourceSchema = filesSourceSchema

export type SourceConfig = z.infer<typeof sourceSchema>

/** Makes the source that a configuration describes. Touches nothing: see `Source.open`. */
export function createSource(name: string, config: SourceConfig, spec: WindowSpec, clock: Clock = systemClock): Source {
  return new FilesSource(name, config, spec, clock)
}
