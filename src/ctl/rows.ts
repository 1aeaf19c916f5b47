import type { z } from '../config.ts'
import type * as schemas from '../stream/api/schemas.ts'

/*
 * The forms of the HTTP interface, as docs/schema/openapi.json describes them.
 */

export type EpisodeRow = z.infer<typeof schemas.Episode>
export type ClusterRow = z.infer<typeof schemas.Cluster>
export type SourceRow = z.infer<typeof schemas.Source>
export type MuteRow = z.infer<typeof schemas.Mute>
export type EventRow = z.infer<typeof schemas.Event>
export type DecisionRow = z.infer<typeof schemas.Decision>
export type PolicyRow = z.infer<typeof schemas.ThresholdPolicy>
export type ChoiceRow = z.infer<typeof schemas.ThresholdChoice>
export type ReportRow = z.infer<typeof schemas.RecalibrationReport>

export interface ThresholdsRow {
  readonly configured: PolicyRow
  readonly all: ChoiceRow | null
  readonly sources: readonly (ChoiceRow & { readonly source: string })[]
}

export interface InForceRow {
  readonly source: string | null
  readonly policy: PolicyRow
  readonly threshold: number
}

export interface ReadyRow {
  readonly status: string
  readonly components: Readonly<Record<string, { readonly ok: boolean; readonly reason: string }>>
}

export interface InfoRow {
  readonly name: string
  readonly version: string
}

export interface WebhookRow {
  readonly name: string
  readonly to: string
  readonly signed: boolean
  readonly ok: boolean
  readonly reason: string
  readonly outcomes: Readonly<Record<string, number>>
  readonly lag: number
}

export interface TriedRow {
  readonly delivered: boolean
  readonly reason: string
  readonly seconds: number
}

export interface RecalibratedRow {
  readonly source: string
  readonly applied: boolean
  readonly report: ReportRow
}

export interface RevertedRow {
  readonly source: string
  readonly before: number
  readonly after: number
  readonly left: number
}
