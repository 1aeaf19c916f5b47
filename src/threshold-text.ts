/** How a threshold is written on a command line: `policy:value`. */
export const THRESHOLDS = 'percentile:99.5, target_fpr:0.005, gamma:0.999, spot:0.0001 or value:0.12'

/** What the number after a policy is, where it is not its value. */
const OPTIONS: Readonly<Record<string, string>> = { gamma: 'quantile', spot: 'q' }

/** `policy:value` as the configuration has it, not checked. */
export function parseThreshold(text: string): { policy: string; [option: string]: string | number } {
  const [policy, value] = text.split(':')
  return { policy, ...(value !== undefined && { [OPTIONS[policy] ?? 'value']: Number(value) }) }
}

/** The other way, with options that have no place in the short form behind it. */
export function thresholdText({ policy, ...options }: { policy: string; [option: string]: unknown }): string {
  const name = OPTIONS[policy] ?? 'value'
  const { [name]: value, ...rest } = options
  const others = Object.entries(rest).map(([key, each]) => `${key} ${each}`)
  return [value === undefined ? policy : `${policy}:${value}`, ...others].join(', ')
}
