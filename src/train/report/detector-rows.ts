import type { DetectorWords } from '../../model/detectors/describe.ts'
import { counted } from '../counted.ts'

/** What the figures of a report say of a detector. */
export const detectorRows = ({ type, on, options, kept, windows }: DetectorWords): [string, string][] => [
  ['Score', type],
  ['Looks at', on],
  ['Options', options],
  ['Compares with', kept],
  ...(windows === null ? [] : ([['Fitted to', counted(windows, 'training window')]] as [string, string][])),
]
