import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { clustersSchema } from '../../../src/model/clusters/config.ts'
import { fitClusterer } from '../../../src/model/clusters/create.ts'
import { Exemplars } from '../../../src/model/clusters/exemplars.ts'
import { loadState, saveState, stateKey } from '../../../src/model/clusters/state.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

const { folder, write } = temporaryFolder()
const config = clustersSchema.parse({ method: 'kmeans', k: 1 })
const key = stateKey('abc', config)

function state() {
  const clusterer = fitClusterer(Float32Array.of(0, 1, 0, 2, 1, 1), 2, config, 1)
  const { id, distance } = clusterer.update(Float32Array.of(50, 50), 10)
  const exemplars = new Exemplars()
  exemplars.offer(id, { window: 'pump/0/3', time: 10, distance }, Float32Array.of(50, 50))
  return { clusterer, exemplars }
}
const refused = (path: string) => expect.objectContaining({ code: 'AUSCULT_STATE', at: path })

describe('the state of clusters', () => {
  it('comes back from its file, and leaves no other', async () => {
    const path = join(folder, 'clusters.json')
    for (let i = 0; i < 2; i++) await saveState(path, key, state())
    const loaded = await loadState(path, key)
    expect(loaded?.clusterer.snapshot()).toEqual(state().clusterer.snapshot())
    expect(loaded?.exemplars.snapshot()).toEqual(state().exemplars.snapshot())
    expect(readdirSync(folder)).toEqual(['clusters.json'])
  })

  it('is not restored for another bundle or configuration, nor where there is none', async () => {
    const path = join(folder, 'other.json')
    expect(await loadState(path, key)).toBeUndefined()
    await saveState(path, key, state())
    expect(await loadState(path, stateKey('abd', config))).toBeUndefined()
    expect(await loadState(path, stateKey('abc', { ...config, max_clusters: 9 }))).toBeUndefined()
  })

  it('is refused with its place when it is half-written, edited or of another version', async () => {
    const path = join(folder, 'damaged.json')
    await saveState(path, key, state())
    const text = readFileSync(path, 'utf8')
    const damages = [
      text.slice(0, text.length / 2),
      '',
      text.replace('"updates":1', '"updates":2'),
      text.replace('"format":1', '"format":2'),
      JSON.stringify({ key }),
    ]
    for (const damaged of damages) {
      expect(damaged).not.toBe(text)
      writeFileSync(path, damaged)
      await expect(loadState(path, key)).rejects.toThrow(refused(path))
    }
    await expect(loadState(folder, key)).rejects.toThrow(refused(folder))
  })

  it('says where it cannot be written, and leaves the old one', async () => {
    const blocked = join(write('file', 'text'), 'clusters.json')
    await expect(saveState(blocked, key, state())).rejects.toThrow(
      expect.objectContaining({ code: 'AUSCULT_OUTPUT', at: blocked }),
    )
  })
})
