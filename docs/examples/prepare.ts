import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { unzipSync } from 'fflate'
import { encodeWav } from '../../src/ingest/wav-encode.ts'
import { seeded } from '../../src/random.ts'
import { mixSpeech, pairWithSpeech } from './mix-speech.ts'

/*
 * Lays out the recordings of docs/results.md for `auscult train` and `auscult evaluate`: folders of links, mixtures of machine and
 * speech, label files.
 *   npx tsx docs/examples/prepare.ts [--data ../shared/data] [--out runs/results] [--seed 0] [--alternate]
 */

const RATE = 16_000
const SNRS = { '0db': 0, minus6db: -6 }
const CARS = ['01', '02', '03']
const THICKNESSES = ['0-36', '1-01', '3-20']
/** Share of the frames without aluminium that trains. */
const TIMEPIX_TRAIN = 0.6
/** Thicknesses and percentages of the mixes, and held-out frames without aluminium in each. */
const MIXED = ['0-36', '1-01']
const PERCENTAGES = [20, 45, 55]
const MIXED_BARE = 120
/** Images of birds that train; those of the other folders are anomalous. */
const BIRDS = 800
const NO_BIRDS = ['cat', 'ship', 'truck']

export interface Layout {
  /** Folder that holds audio/, spectra/ and frames/. */
  data: string
  out: string
  /** Of the order of digits, and of which toy cars and frames train. */
  seed: number
  /** Every second clip of a toy car trains, from the first on, instead of a seeded half. */
  alternate?: boolean
}

/** Machine sounds: the first 14 recordings train, the other 6 are tested as they are and with speech in them. */
export async function prepareMachine({ data, out, seed }: Layout): Promise<void> {
  const machines = list(join(data, 'audio/machine'))
  const folder = join(out, 'machine')
  link(machines.slice(0, 14), join(folder, 'train'))
  const normal = link(machines.slice(14), join(folder, 'normal'))
  const speech = list(join(data, 'audio/speech'))
  const pairs = await pairWithSpeech(machines.slice(14), speech, { seed, sampleRate: RATE })
  for (const [name, snr] of Object.entries(SNRS)) {
    const target = emptyFolder(join(folder, `speech-${name}`))
    const mixed = pairs.map(({ machine, utterance }, i) => {
      const path = join(target, basename(machines[14 + i]))
      writeFileSync(path, encodeWav(mixSpeech(machine, utterance, snr), RATE))
      return path
    })
    writeLabels(join(folder, `labels-${name}.csv`), normal, mixed)
  }
}

/** Toy cars: half of a car's normal clips train, the others and all anomalous ones are tested; each car alone, and all together. */
export function prepareToyCars({ data, out, seed, alternate }: Layout): void {
  const clips = list(join(data, 'spectra/toycar'))
  const all: string[] = []
  for (const car of CARS) {
    const inOrder = clips.filter(path => path.includes(`normal_id_${car}_`))
    const normal = alternate
      ? [...inOrder.filter((_, i) => i % 2 === 0), ...inOrder.filter((_, i) => i % 2 === 1)]
      : seeded(seed, Number(car)).shuffle(inOrder)
    const anomalous = clips.filter(path => path.includes(`anomaly_id_${car}_`))
    const folder = join(out, `toycar-${car}`)
    const half = Math.ceil(normal.length / 2)
    link(normal.slice(0, half), join(folder, 'train'))
    const test = join(folder, 'test')
    const heldOut = link(normal.slice(half), test)
    writeLabels(join(folder, 'labels.csv'), heldOut, anomalous)
    for (const path of heldOut) all.push(`${resolve(path)},1,${car}`)
    for (const path of anomalous) all.push(`${path},-1,${car}`)
  }
  emptyFolder(join(out, 'toycars'))
  writeFileSync(join(out, 'toycars/labels.csv'), `file,label,machine\n${all.join('\n')}\n`)
}

/**
 * Cooling fan: the normal spectra of one session train, those of the other are tested together with each damage in that session. A session
 * goes through the speeds of the fan, so half of one would say nothing of the other.
 */
export function prepareFan({ data, out }: Layout): void {
  for (const session of [1, 2]) {
    const folder = join(out, `fan-${session}`)
    unzipSpectra(data, `normal_silentA_${session}`, join(folder, 'train'))
    const normal = unzipSpectra(data, `normal_silentA_${3 - session}`, join(folder, 'normal'))
    for (const damage of ['damage1', 'damage2']) {
      const damaged = unzipSpectra(data, `${damage}_silentA_${3 - session}`, join(folder, damage))
      writeLabels(join(folder, `labels-${damage}.csv`), normal, damaged)
    }
  }
}

/** @returns the files */
function unzipSpectra(data: string, name: string, folder: string): string[] {
  const archive = unzipSync(readFileSync(join(data, `spectra/cooling-fan/12cm_hmlo_${name}.zip`)))
  emptyFolder(folder)
  const spectra = Object.entries(archive).filter(([path]) => path.endsWith('.csv'))
  return spectra.map(([path, content]) => {
    const file = join(folder, basename(path))
    writeFileSync(file, content)
    return file
  })
}

/** Timepix: frames without aluminium train, except those held out to be compared with each thickness. */
export function prepareTimepix({ data, out, seed }: Layout): void {
  const frames = (thickness: string) => list(join(data, `frames/timepix/${thickness}_mm`))
  const folder = join(out, 'timepix')
  const bare = seeded(seed).shuffle(frames('0-00'))
  const count = Math.round(TIMEPIX_TRAIN * bare.length)
  link(bare.slice(0, count), join(folder, 'train'))
  const normal = bare.slice(count)
  for (const thickness of THICKNESSES) writeLabels(join(folder, `labels-${thickness}.csv`), normal, frames(thickness))
}

/**
 * Timepix: for each thickness three mixes of held-out frames without aluminium and of frames behind it. The other held-out frames are
 * labelled normal; nothing else is.
 * @param draw which of the held-out frames, and of those behind aluminium, are mixed
 * @returns the anomalous share of each mix, by its folder's name
 */
export function prepareMixes({ data, out, seed }: Layout, draw = 0): Record<string, number> {
  const bare = seeded(seed).shuffle(list(join(data, 'frames/timepix/0-00_mm')))
  const heldOut = seeded(seed, draw).shuffle(bare.slice(Math.round(TIMEPIX_TRAIN * bare.length)))
  const [mixed, normal] = [heldOut.slice(0, MIXED_BARE), heldOut.slice(MIXED_BARE)]
  const folder = join(out, 'timepix-mixes')
  const held = link(normal, join(folder, 'normal'))
  writeLabels(join(folder, 'labels.csv'), held, [])
  const shares: Record<string, number> = {}
  for (const thickness of MIXED) {
    const behind = seeded(seed, draw).shuffle(list(join(data, `frames/timepix/${thickness}_mm`)))
    for (const percentage of PERCENTAGES) {
      const anomalous = Math.round((percentage / (100 - percentage)) * mixed.length)
      const name = `${thickness}-${percentage}`
      link(mixed, join(folder, thickness, name))
      for (const path of behind.slice(0, anomalous)) {
        symlinkSync(path, join(folder, thickness, name, `behind-${basename(path)}`))
      }
      shares[name] = anomalous / (anomalous + mixed.length)
    }
  }
  return shares
}

/** CIFAR-10: 800 birds train, the other birds are tested together with cats, ships and trucks. */
export function prepareCifar10({ data, out, seed }: Layout): void {
  const images = (name: string) => list(join(data, 'frames/cifar10', name))
  const folder = join(out, 'cifar10')
  const birds = seeded(seed).shuffle(images('bird'))
  link(birds.slice(0, BIRDS), join(folder, 'train'))
  const rows = [
    ...birds.slice(BIRDS).map(path => `${path},1,bird`),
    ...NO_BIRDS.flatMap(name => images(name).map(path => `${path},-1,${name}`)),
  ]
  writeFileSync(join(folder, 'labels.csv'), `file,label,class\n${rows.join('\n')}\n`)
}

/** Spoken digits and sounds of a machine: every second digit and 14 recordings of the machine train, the others are tested. */
export function prepareSounds({ data, out }: Layout): void {
  const digits = list(join(data, 'audio/speech'))
  const isTest = (path: string) => Number(/_(\d+)\.wav$/.exec(path)![1]) % 2 === 1
  const machines = list(join(data, 'audio/machine'))
  const folder = join(out, 'sounds')
  link([...machines.slice(0, 14), ...digits.filter(path => !isTest(path))], join(folder, 'train'))
  const rows = [
    ...machines.slice(14).map(path => `${path},1,machine`),
    ...digits.filter(isTest).map(path => `${path},1,speech`),
  ]
  writeFileSync(join(folder, 'labels.csv'), `file,label,class\n${rows.join('\n')}\n`)
  const words = digits.filter(isTest).map(path => `${path},1,${basename(path)[0]}`)
  writeFileSync(join(folder, 'digits.csv'), `file,label,class\n${words.join('\n')}\n`)
}

const list = (folder: string): string[] =>
  readdirSync(folder)
    .sort()
    .map(name => resolve(folder, name))

function emptyFolder(folder: string): string {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  return folder
}

/** Makes a folder of links. @returns their paths */
function link(files: readonly string[], folder: string): string[] {
  emptyFolder(folder)
  return files.map(file => {
    const path = join(folder, basename(file))
    symlinkSync(file, path)
    return path
  })
}

function writeLabels(file: string, normal: readonly string[], anomalous: readonly string[]): void {
  const lines = [...normal.map(path => `${resolve(path)},1`), ...anomalous.map(path => `${resolve(path)},-1`)]
  writeFileSync(file, `file,label\n${lines.join('\n')}\n`)
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({
    options: {
      data: { type: 'string', default: '../shared/data' },
      out: { type: 'string', default: 'runs/results' },
      seed: { type: 'string', default: '0' },
      alternate: { type: 'boolean', default: false },
    },
  })
  const layout = { data: values.data, out: values.out, seed: Number(values.seed), alternate: values.alternate }
  await prepareMachine(layout)
  prepareToyCars(layout)
  prepareFan(layout)
  prepareTimepix(layout)
  prepareMixes(layout)
  prepareSounds(layout)
  prepareCifar10(layout)
}
