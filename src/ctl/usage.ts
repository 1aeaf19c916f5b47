import { AuscultError } from '../errors.ts'

export const usage = (command: string, message: string): AuscultError =>
  new AuscultError('AUSCULT_USAGE', message, { at: command, remedy: `\`auscult ctl ${command} --help\` shows how.` })
