import { z } from '../../config.ts'
import type { ClusterStatus } from '../clusters/cluster-status.ts'

/** The form of a cluster in HTTP answers. Times are milliseconds since the epoch. */
export const clusterSchema = z.object({
  id: z.number().describe('Stable: never given to another cluster of this store'),
  born: z.string().optional().describe('Window that began it; absent for clusters of the training'),
  label: z.string().optional().describe('What people call it'),
  trained: z.number().describe('Training windows in it; 0 where it was born later'),
  windows: z.number().describe('Windows that fell to it since, normal ones too'),
  weight: z.number().describe('Latents that its place rests on, faded where old ones fade'),
  radius: z.number().describe('Up to where a latent belongs to it'),
  first_at: z.number().optional().describe('Of the first of these windows'),
  last_at: z.number().optional().describe('Of the latest of these windows'),
  episodes: z.number().describe('Closed episodes'),
  first_episode_at: z.number().optional().describe('When the first of them opened'),
  last_episode_at: z.number().optional().describe('When the latest of them opened'),
  exemplars: z.array(z.string()).describe('Windows that show what it is like, the most typical first'),
})

export type ClusterJson = z.infer<typeof clusterSchema>

export function clusterToJson(cluster: ClusterStatus): ClusterJson {
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
