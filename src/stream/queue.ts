import { z } from '../config.ts'

export const queueSchema = z.strictObject({
  capacity: z.number().int().min(1).default(256).describe('Windows of one feed that may wait to be scored'),
  memory_mb: z
    .number()
    .positive()
    .default(512)
    .describe('Megabytes that the waiting windows of all feeds may take; many feeds get less than `capacity` each'),
})

export type QueueConfig = z.infer<typeof queueSchema>

/** Windows of one feed that may wait: at least one, so that the bound is `feeds` windows where that is more. @param size values of a window */
export function capacityOf({ capacity, memory_mb }: QueueConfig, feeds: number, size: number): number {
  const fit = Math.floor((memory_mb * 1e6) / (feeds * size * Float32Array.BYTES_PER_ELEMENT))
  return Math.max(1, Math.min(capacity, fit))
}
