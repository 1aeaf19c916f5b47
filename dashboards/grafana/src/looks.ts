import {
  LegendDisplayMode,
  LegendPlacement,
  SortOrder,
  TooltipDisplayMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common'
import {
  MappingType,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type ValueMap,
} from '@grafana/grafana-foundation-sdk/dashboard'

export const GREEN = 'green'
export const AMBER = 'orange'
export const RED = 'red'
export const GREY = 'text'
export const BLUE = 'blue'

/** Colours by value. The first is of all below the second. */
export function thresholds(below: string, ...steps: readonly (readonly [from: number, color: string])[]) {
  const all = [{ value: null, color: below }, ...steps.map(([value, color]) => ({ value, color }))]
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(all)
}

/** Green below, red from `from` on. */
export const badFrom = (from: number) => thresholds(GREEN, [from, RED])

/** Green, amber from the first, red from the second number on. */
export const worse = (amber: number, red: number) => thresholds(GREEN, [amber, AMBER], [red, RED])

/** The number says it all. */
export const plain = () => thresholds(GREY)

/** Words for numbers, each in its colour. */
export function words(texts: Readonly<Record<number, readonly [text: string, color: string]>>): ValueMap {
  const options = Object.entries(texts).map(([value, [text, color]], index) => [value, { text, color, index }])
  return { type: MappingType.ValueToText, options: Object.fromEntries(options) }
}

/** Below, or beside as a table with the last and the highest value. */
export const legend = (table: boolean) =>
  new VizLegendOptionsBuilder()
    .displayMode(table ? LegendDisplayMode.Table : LegendDisplayMode.List)
    .placement(table ? LegendPlacement.Right : LegendPlacement.Bottom)
    .showLegend(true)
    .calcs(table ? ['lastNotNull', 'max'] : [])

/** All series at once, the highest first. */
export const tooltip = () => new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending)
