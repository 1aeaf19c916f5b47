import type { Clip, EncodedClip } from '../../clip.ts'
import type { Clock } from '../../clock.ts'
import type { ResidualExplanation } from '../../model/explanation/explain.ts'
import type { ResidualExplainer } from '../../model/explanation/explainer.ts'
import type { Reconstructed } from '../../model/scorer.ts'
import type { Episode, Explanation } from '../../types.ts'
import { axisToJson } from '../axis-json.ts'
import { type ClipSpec, clipOf } from './clip-of.ts'
import { EVIDENCE_FORMAT, evidenceText } from './evidence.ts'
import type { EvidenceFiles } from './evidence-files.ts'
import type { Surroundings } from './surroundings.ts'

export interface EvidenceWriterOptions {
  readonly spec: ClipSpec
  /** What the model makes of a window. */
  readonly explain: (window: Float32Array) => Promise<Reconstructed>
  readonly explainer: Pick<ResidualExplainer, 'map' | 'explain'>
  readonly encodeClip: (clip: Clip) => Promise<EncodedClip>
  readonly clock: Clock
}

/** An explanation with the matrices that it is made of. */
export interface Explained {
  readonly explanation: Explanation
  readonly residual: ResidualExplanation
}

/** Asks the model about a window, and writes the answer down. */
export class EvidenceWriter {
  readonly #options: EvidenceWriterOptions

  constructor(options: EvidenceWriterOptions) {
    this.#options = options
  }

  /** Why the worst window scored so. @throws AuscultError of the scorer, or AUSCULT_SHAPE */
  async explain({ peak }: Surroundings): Promise<Explained> {
    const { explain, explainer } = this.#options
    peak.hold()
    const reconstructed = await explain(peak.data).finally(() => peak.release())
    const residual = explainer.explain(reconstructed)
    const contributors = residual.contributors.map(({ share, difference, ...rest }) => ({
      ...rest,
      share: Math.round(share * 1e4) / 1e4,
      difference: Number(difference.toPrecision(4)),
    }))
    const { id: window, time, score } = peak
    return { explanation: { window, time, score, summary: residual.summary, contributors }, residual }
  }

  /** Writes both files of an episode. @throws the error of the system */
  async write(
    { id, source, threshold }: Episode,
    around: Surroundings,
    { explanation, residual }: Explained,
    files: EvidenceFiles,
  ): Promise<void> {
    const { spec, clock, encodeClip, explainer } = this.#options
    const scores = [...around.marks]
    const { clip, describe } = clipOf(around, spec)
    const encoded = await encodeClip(clip)
    const name = files.clipName(id, encoded)
    const { rows, columns, unit, x, y } = explainer.map
    const text = await evidenceText(
      {
        format: EVIDENCE_FORMAT,
        episode_id: id,
        source,
        threshold,
        ...explanation,
        contributors: [...explanation.contributors],
        clip: describe(name),
        scores,
        unit,
        axes: { x: axisToJson(x), ...(y && { y: axisToJson(y) }) },
      },
      {
        features: { values: residual.features, rows, columns },
        reconstruction: { values: residual.reconstruction, rows, columns },
        residual: { values: residual.residual, rows, columns },
      },
    )
    await files.write(id, text, name, encoded.bytes, clock.now())
  }
}
