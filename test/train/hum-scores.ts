import { loadScorer } from '../../src/model/bundle-scorer.ts'
import { hum } from './recordings.ts'

const WINDOWS = [51, 52, 53, 54]

/** Mean score of four hums that a bundle on windows of 100 samples was not trained on, normal ones and shrill ones. */
export async function meanHumScores(bundle: string): Promise<{ normal: number; shrill: number }> {
  const scorer = await loadScorer(bundle, { device: 'cpu', threads: 1 })
  const mean = async (pitch?: number) => {
    const windows = Float32Array.from(WINDOWS.flatMap(i => [...hum(100, i, pitch)]))
    const { scores } = await scorer.score(windows, WINDOWS.length)
    return scores.reduce((sum, score) => sum + score / WINDOWS.length, 0)
  }
  const found = { normal: await mean(), shrill: await mean(1.3) }
  await scorer.close()
  return found
}
