import { checkConfig, type z } from '../../config.ts'
import { AuscultError } from '../../errors.ts'
import type { Calibration } from '../../model/manifest.ts'
import { resolveThreshold, type ThresholdPolicy, thresholdSchema } from '../../model/threshold.ts'
import type { DecisionsState } from './state.ts'
import type { Thresholds } from './types.ts'

type Choices = DecisionsState['thresholds']

/** `source` of the choice for all sources without one of their own. */
export const ALL = ''

/** What a source is judged by: the policy in force, and whether a calibration allows it. */
export class Standards {
  readonly #configured: ThresholdPolicy
  readonly #calibrationOf: (source: string | undefined) => Calibration
  /** Saved choices that the calibration does not allow. */
  readonly #unusable = new Set<Choices[number]>()

  constructor(configured: ThresholdPolicy, calibrationOf: (source: string | undefined) => Calibration) {
    this.#configured = configured
    this.#calibrationOf = calibrationOf
  }

  /** The source's own, else that for all, else the configured one. */
  policy(choices: Choices, source: string | undefined): ThresholdPolicy {
    const chosen = (name: string) =>
      choices.find(choice => choice.source === name && !this.#unusable.has(choice))?.policy
    return (source === undefined ? undefined : chosen(source)) ?? chosen(ALL) ?? this.#configured
  }

  /** The score above which windows of the source are anomalous. @throws AUSCULT_CONFIG when the calibration does not allow the policy */
  threshold(choices: Choices, source: string | undefined, calibration = this.#calibrationOf(source)): number {
    try {
      return resolveThreshold(calibration, this.policy(choices, source))
    } catch (error) {
      if (!(error instanceof AuscultError)) throw error
      const { code, message, remedy, cause } = error
      throw new AuscultError(code, message, { at: source ?? 'all sources', remedy, cause })
    }
  }

  /** Says which saved choices the calibration does not allow, and leaves them out from now on. */
  refuse(choices: Choices): AuscultError[] {
    return choices.flatMap(choice => {
      try {
        this.threshold(choices, choice.source === ALL ? undefined : choice.source)
        return []
      } catch (error) {
        this.#unusable.add(choice)
        return [error as AuscultError]
      }
    })
  }

  list(choices: Choices): Thresholds {
    const all = choices.find(({ source }) => source === ALL)
    const { source: _, ...choice } = all ?? { source: ALL }
    return {
      configured: this.#configured,
      ...(all && { all: choice as NonNullable<Thresholds['all']> }),
      sources: choices.filter(({ source }) => source !== ALL),
    }
  }
}

/** @throws AUSCULT_CONFIG */
export function checkPolicy(policy: z.input<typeof thresholdSchema>): ThresholdPolicy {
  return checkConfig(policy, thresholdSchema, 'policy', 'For example {policy: percentile, value: 99.5}.')
}
