import { access, constants, mkdir, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { AuscultError, messageOf } from '../../errors.ts'
import { type EvaluationReport, renderEvaluation } from './report.ts'

/** Makes the folder of a report, before the work that is reported. @throws AUSCULT_OUTPUT where the report cannot be written */
export async function prepareReport(path: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true })
    await access(dirname(path), constants.W_OK)
  } catch (cause) {
    throw refusal(path, messageOf(cause), cause)
  }
  const info = await stat(path).catch(() => undefined)
  if (info?.isDirectory()) throw refusal(path, 'it is a folder')
}

/** @throws AUSCULT_OUTPUT */
export async function writeReport(path: string, report: EvaluationReport): Promise<void> {
  await writeFile(path, renderEvaluation(report)).catch(cause => {
    throw refusal(path, messageOf(cause), cause)
  })
}

const refusal = (at: string, why: string, cause?: unknown): AuscultError =>
  new AuscultError('AUSCULT_OUTPUT', `the report cannot be written: ${why}`, {
    at,
    cause,
    remedy: 'Give --report a file in a folder that can be written to.',
  })
