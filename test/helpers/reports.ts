import type { SourceCondition, SourceFailure, SourceReports } from '../../src/types.ts'

/** What a source under test told, in order. */
export class Reports implements SourceReports {
  readonly failures: SourceFailure[] = []
  readonly gaps: [source: string, at: string][] = []
  readonly restarts: string[] = []
  readonly handedOver: string[] = []
  /** Each change of a condition: its message, or undefined when it was over. */
  readonly changes: [source: string, condition: SourceCondition, message: string | undefined][] = []
  /** What is wrong now. */
  readonly conditions = new Map<SourceCondition, string>()
  readonly lags: number[] = []

  failed(failure: SourceFailure): void {
    this.failures.push(failure)
  }

  condition(source: string, condition: SourceCondition, message: string | undefined): void {
    if (this.conditions.get(condition) === message) return
    this.changes.push([source, condition, message])
    if (message === undefined) this.conditions.delete(condition)
    else this.conditions.set(condition, message)
  }

  gap(source: string, at: string): void {
    this.gaps.push([source, at])
  }

  lag(_source: string, items: number): void {
    this.lags.push(items)
  }

  restarted(source: string): void {
    this.restarts.push(source)
  }

  async released(source: string): Promise<void> {
    this.handedOver.push(source)
  }
}
