import { describeDetector } from '../../model/detectors/describe.ts'
import type { DetectorFile } from '../../model/detectors/detector-file.ts'
import type { Adapted } from '../../model/foreign/resolve.ts'
import type { Manifest } from '../../model/manifest.ts'
import { formatDuration } from '../../progress.ts'
import type { Assessment } from '../assess.ts'
import { counted } from '../counted.ts'
import { detectorRows } from '../report/detector-rows.ts'
import type { View } from '../report/example.ts'
import type { ReportData } from '../report/report.ts'
import { latentsView, thresholdMarks } from '../report-data.ts'
import type { CalibrationData } from './recordings.ts'

export interface CalibrationReportInput {
  manifest: Omit<Manifest, 'format' | 'files'>
  adapted: Adapted
  assessed: Assessment
  data: CalibrationData
  view: View
  warnings: readonly string[]
  device: string
  detector?: DetectorFile
}

/** What the report of a model that was trained elsewhere shows. */
export function calibrationReport(input: CalibrationReportInput): ReportData {
  const { manifest, adapted, assessed, data, view, warnings, device, detector } = input
  const { calibration, heldOut, examples, sample, study, precision } = assessed
  const { outputs } = manifest.architecture as { outputs: Record<string, string | null> }
  return {
    title: 'Calibration report',
    name: manifest.name,
    created: manifest.created.replace('T', ' ').replace(/\..*/, ' UTC'),
    summary: [
      ['Model', manifest.foreign!.model],
      ['Recordings', String(data.recordings.size)],
      ['Windows', String(calibration.count)],
      ['Front end', String(manifest.front_end.type)],
      ['Input', adapted.layout + (adapted.oneByOne ? ', one item at a time' : '')],
      ['Reconstruction', outputs.reconstruction ?? 'none'],
      ...(detector
        ? detectorRows(describeDetector(detector))
        : ([['Score', outputs.score ?? `${manifest.score} of the reconstruction`]] as const)),
      ['Latent', `${outputs.latent ?? 'where the reconstruction errs'}, ${counted(adapted.latentSize, 'value')}`],
      ['Time', `${formatDuration(manifest.training.seconds)} on ${device}`],
    ],
    history: [],
    bestEpoch: 0,
    scores: [{ name: 'normal', values: heldOut.map(({ score }) => score) }],
    thresholds: thresholdMarks(calibration),
    latents: latentsView(sample, study),
    view,
    examples,
    precision,
    warnings,
    dropped: data.dropped,
  }
}
