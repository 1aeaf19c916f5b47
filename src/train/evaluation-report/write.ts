import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { AuscultError, messageOf } from '../../errors.ts'
import { type EvaluationReport, renderEvaluation } from './report.ts'

/** @throws AUSCULT_OUTPUT */
export async function writeEvaluationReport(path: string, report: EvaluationReport): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, renderEvaluation(report))
  } catch (cause) {
    throw new AuscultError('AUSCULT_OUTPUT', `the report cannot be written: ${messageOf(cause)}`, {
      at: path,
      cause,
      remedy: 'Give --report a file in a folder that can be written to.',
    })
  }
}
