import type { Evaluation } from '../evaluation/evaluation.ts'

/** All bundles with names that tell them apart. */
export function bundlesOf(evaluation: Evaluation) {
  const all = [evaluation, ...evaluation.compared]
  const isTwice = (name: string) => all.filter(other => other.name === name).length > 1
  return all.map(own => ({ ...own, name: isTwice(own.name) ? own.bundle : own.name }))
}
