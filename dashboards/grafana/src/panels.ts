import {
  BigValueColorMode,
  BigValueGraphMode,
  BigValueTextMode,
  GraphDrawStyle,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  ReduceDataOptionsBuilder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common'
import type { Panel as AnyPanel, ThresholdsConfigBuilder, ValueMap } from '@grafana/grafana-foundation-sdk/dashboard'
import {
  HeatmapColorMode,
  HeatmapColorOptionsBuilder,
  PanelBuilder as HeatmapPanel,
  HeatmapTooltipBuilder,
  YAxisConfigBuilder,
} from '@grafana/grafana-foundation-sdk/heatmap'
import { PanelBuilder as StatPanel } from '@grafana/grafana-foundation-sdk/stat'
import { PanelBuilder as StatePanel } from '@grafana/grafana-foundation-sdk/statetimeline'
import { PanelBuilder as TimeseriesPanel } from '@grafana/grafana-foundation-sdk/timeseries'
import { legend, plain, tooltip } from './looks.ts'
import { buckets, DATASOURCE, overTime, type Query } from './targets.ts'

/** What every panel says of itself. Widths are in columns of 24, heights in rows of about 30 pixels. */
export interface Panel {
  readonly title: string
  /** What it shows, and what is good, for somebody who has never seen it. */
  readonly description: string
  readonly queries: readonly Query[]
  readonly width: number
  readonly height?: number
  /** One of Grafana's units; default: a plain number. */
  readonly unit?: string
  readonly decimals?: number
  readonly min?: number
  readonly max?: number
  readonly thresholds?: ThresholdsConfigBuilder
  readonly words?: ValueMap
  /** What is written where there are no data, because none is good news. */
  readonly none?: string
}

/** What the builders of all panels share. */
export interface BuiltPanel {
  build(): AnyPanel
  id(id: number): unknown
}

type Common = StatPanel | StatePanel | TimeseriesPanel | HeatmapPanel

function common<B extends Common>(builder: B, panel: Panel, height: number): B {
  builder.title(panel.title).description(panel.description).datasource(DATASOURCE)
  builder.span(panel.width).height(panel.height ?? height)
  builder.unit(panel.unit ?? 'short').thresholds(panel.thresholds ?? plain())
  if (panel.decimals !== undefined) builder.decimals(panel.decimals)
  if (panel.min !== undefined) builder.min(panel.min)
  if (panel.max !== undefined) builder.max(panel.max)
  if (panel.words) builder.mappings([panel.words])
  if (panel.none !== undefined) builder.noValue(panel.none)
  return builder
}

/** One number, with how it went as a faint line behind it; or a name, where the series has one that says more. */
export function stat(panel: Panel & { readonly name?: boolean; readonly line?: boolean }): BuiltPanel {
  return common(new StatPanel(), panel, 4)
    .targets(overTime(panel.queries))
    .reduceOptions(new ReduceDataOptionsBuilder().values(false).calcs(['lastNotNull']).fields(''))
    .colorMode(BigValueColorMode.Value)
    .graphMode(panel.line ? BigValueGraphMode.Area : BigValueGraphMode.None)
    .textMode(panel.name ? BigValueTextMode.Name : BigValueTextMode.Value)
}

export interface Lines extends Panel {
  /** As bars, one upon the other. */
  readonly bars?: boolean
  /** Many series: their names beside, with last and highest value. */
  readonly many?: boolean
  /** Draws the thresholds. */
  readonly limits?: boolean
  /** Series that are a limit themselves, by a regular expression over their names: red and dashed. */
  readonly limit?: string
}

export function lines(panel: Lines): BuiltPanel {
  const builder = common(new TimeseriesPanel(), panel, 8)
    .targets(overTime(panel.queries))
    .drawStyle(panel.bars ? GraphDrawStyle.Bars : GraphDrawStyle.Line)
    .fillOpacity(panel.bars ? 80 : 8)
    .lineWidth(panel.bars ? 0 : 1)
    .showPoints(VisibilityMode.Never)
    .spanNulls(false)
    .legend(legend(panel.many === true))
    .tooltip(tooltip())
  if (panel.bars) builder.stacking(new StackingConfigBuilder().mode(StackingMode.Normal))
  if (panel.limits) {
    builder.thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed))
  }
  if (panel.limit !== undefined) {
    builder.overrideByRegexp(panel.limit, [
      { id: 'color', value: { mode: 'fixed', fixedColor: 'red' } },
      { id: 'custom.lineStyle', value: { fill: 'dash', dash: [8, 6] } },
      { id: 'custom.fillOpacity', value: 0 },
    ])
  }
  return builder
}

/** A row for each series, in the colour of its state; needs `words`. */
export function states(panel: Panel): BuiltPanel {
  return common(new StatePanel(), panel, 8)
    .targets(overTime(panel.queries))
    .mergeValues(true)
    .showValue(VisibilityMode.Never)
    .rowHeight(0.8)
    .fillOpacity(80)
    .lineWidth(0)
    .legend(new VizLegendOptionsBuilder().showLegend(false))
    .tooltip(tooltip().mode(TooltipDisplayMode.Single))
}

/** Counts of a histogram's buckets over time, the more the brighter. The unit is that of the buckets. */
export function heatmap(panel: Panel): BuiltPanel {
  const [{ expr }] = panel.queries
  return common(new HeatmapPanel(), { ...panel, unit: 'short' }, 8)
    .targets(buckets(expr))
    .calculate(false)
    .color(new HeatmapColorOptionsBuilder().mode(HeatmapColorMode.Scheme).scheme('Oranges').steps(64))
    .yAxis(new YAxisConfigBuilder().unit(panel.unit ?? 'short'))
    .tooltip(new HeatmapTooltipBuilder().mode(TooltipDisplayMode.Single).showColorScale(true))
    .hideLegend()
}
