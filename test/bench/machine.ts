import { writeFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'

/** The machine that a measurement ran on, taken before it. */
export function machine() {
  const [{ model }] = cpus()
  return { cpu: model, cores: cpus().length, node: process.version, load: loadavg()[0] }
}

/** Prints the figures under a heading, or as JSON, and writes them to `json` where that names a file. */
export function show(text: string, figures: object, on: ReturnType<typeof machine>, json: string | undefined): void {
  const { cpu, cores, load, node } = on
  const heading = `${cpu}, ${cores} cores, load ${load.toFixed(1)} at the start. Node ${node}.`
  const busy = 'Other work was running on this machine: take the ratios with care, or measure again.'
  const written = `${JSON.stringify({ machine: on, ...figures }, null, 2)}\n`
  const shown = `\n${[heading, ...(load > cores / 4 ? [busy] : []), '', text].join('\n')}\n`
  process.stdout.write(json === '-' ? written : shown)
  if (json && json !== '-') writeFileSync(json, written)
}
