import { z } from '../../config.ts'
import type { ClusterView } from './view.ts'

/** The form of a cluster in HTTP answers. Times are milliseconds since the epoch. */
export const clusterSchema = z.object({
  id: z.number().describe('Stable: never given to another cluster of this store'),
  born: z.string().optional().describe('Window that began it; absent for clusters of the training'),
  label: z.string().optional().describe('What people call it'),
  trained: z.boolean().describe('Whether it is of the training'),
  windows: z.number().describe('Windows in it, of the training and since'),
  weight: z.number().describe('Windows that count now, where the clusters forget'),
  radius: z.number().describe('Up to where a latent belongs to it'),
  first_at: z.number().optional().describe('Of its first window while running'),
  last_at: z.number().optional().describe('Of its latest window while running'),
  episodes: z.number().describe('Episodes of this kind so far'),
  first_episode_at: z.number().optional().describe('When the first of them opened'),
  last_episode_at: z.number().optional().describe('When the latest of them opened'),
  exemplars: z.array(z.string()).describe('Windows that are most like it'),
})

export type ClusterJson = z.infer<typeof clusterSchema>

export function clusterToJson(cluster: ClusterView): ClusterJson {
  return {
    id: cluster.id,
    born: cluster.born,
    label: cluster.label,
    trained: cluster.trained,
    windows: cluster.windows,
    weight: cluster.weight,
    radius: cluster.radius,
    first_at: cluster.firstAt,
    last_at: cluster.lastAt,
    episodes: cluster.episodes,
    first_episode_at: cluster.firstEpisodeAt,
    last_episode_at: cluster.lastEpisodeAt,
    exemplars: [...cluster.exemplars],
  }
}
