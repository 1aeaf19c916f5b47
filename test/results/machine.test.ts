import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { mixSpeech, readSound, speak } from '../../docs/examples/mix-speech.ts'
import { prepareMachine } from '../../docs/examples/prepare.ts'
import { seeded } from '../../src/random.ts'
import { sharedData } from '../helpers/requires.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { evaluateExample, trainExample } from './example.ts'

const data = sharedData()

describe.skipIf(!data)('speech over the sounds of a machine', () => {
  const { folder } = temporaryFolder()
  let bundle: string

  beforeAll(async () => {
    await prepareMachine({ data: data!, out: folder, seed: 0 })
    bundle = await trainExample('machine', folder, 20)
  }, 120_000)

  it.each([
    ['0db', 0.95],
    ['minus6db', 0.9],
  ])('is told from the machine alone at %s', async (snr, least) => {
    const labels = join(folder, `machine/labels-${snr}.csv`)
    const { roc_auc, normal, anomalous } = await evaluateExample(bundle, labels, { per: 'window' })
    expect([normal, anomalous]).toEqual([60, 60])
    expect(roc_auc).toBeGreaterThanOrEqual(least)
  })

  it('is as loud as stated inside digits, and leaves no second without them', async () => {
    const machine = await readSound(join(data!, 'audio/machine/normal_id_00_00000014.wav'), 16_000)
    const digits = await Promise.all(
      ['0_george_0', '6_george_3', '9_george_7'].map(name =>
        readSound(join(data!, `audio/speech/${name}.wav`), 16_000),
      ),
    )
    const utterance = speak(digits, machine.length, 16_000, seeded(3))
    const mixture = mixSpeech(machine, utterance, -6)
    let speech = 0
    let background = 0
    let silent = 0
    let longest = 0
    let changed = 0
    for (const [i, spoken] of utterance.spoken.entries()) {
      silent = spoken ? 0 : silent + 1
      longest = Math.max(longest, silent)
      if (!spoken && mixture[i] !== machine[i]) changed++
      if (!spoken) continue
      speech += (mixture[i] - machine[i]) ** 2
      background += machine[i] ** 2
    }
    expect(changed).toBe(0)
    expect(10 * Math.log10(speech / background)).toBeCloseTo(-6, 3)
    expect(longest).toBeLessThanOrEqual(0.35 * 16_000)
  })
})
