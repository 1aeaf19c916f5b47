import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { basename, join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { prepareCifar10 } from '../../docs/examples/prepare.ts'
import { sharedData } from '../helpers/requires.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const data = sharedData()

describe.skipIf(!data)('CIFAR-10', () => {
  const { folder } = temporaryFolder()
  const train = join(folder, 'cifar10/train')

  beforeAll(() => prepareCifar10({ data: data!, out: folder, seed: 0 }))

  it('trains on 800 birds, and tests the others with all images of three more classes', () => {
    const trained = readdirSync(train).map(name => readlinkSync(join(train, name)))
    const rows = readFileSync(join(folder, 'cifar10/labels.csv'), 'utf8').trim().split('\n')
    expect(trained).toHaveLength(800)
    expect(rows.shift()).toBe('file,label,class')
    const tested = rows.map(row => row.split(','))
    const of = (name: string) => tested.filter(([path]) => basename(join(path, '..')) === name)
    expect(['bird', 'cat', 'ship', 'truck'].map(name => of(name).length)).toEqual([200, 1000, 1000, 1000])
    for (const [path, label, name] of tested) {
      expect([label, name]).toEqual([name === 'bird' ? '1' : '-1', basename(join(path, '..'))])
    }
    expect(new Set([...trained, ...of('bird').map(([path]) => path)]).size).toBe(1000)
  })

  it('trains on others with another seed', () => {
    const before = readdirSync(train)
    prepareCifar10({ data: data!, out: folder, seed: 1 })
    expect(readdirSync(train)).not.toEqual(before)
  })
})
