import { z } from '../../config.ts'

export const websocketSchema = z.strictObject({
  max_clients: z.number().int().min(1).max(100_000).default(2000).describe('Most clients at once'),
  max_clients_per_address: z
    .number()
    .int()
    .min(1)
    .max(100_000)
    .default(1000)
    .describe('Most of them from one address; all that come through a proxy have its address'),
  heartbeat_seconds: z
    .number()
    .min(1)
    .max(3600)
    .default(10)
    .describe('Seconds between heartbeats; who answers none of two is taken for gone'),
})

export type WebSocketConfig = z.infer<typeof websocketSchema>
