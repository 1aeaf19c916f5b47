import { z } from '../../config.ts'
import { inputFormatSchema } from '../format.ts'

/** Options of a source of `type: folder`: a folder that files are dropped into. */
export const folderSourceSchema = z
  .strictObject({
    type: z
      .literal('folder')
      .describe('A folder that recordings are dropped into, each played once when it is complete'),
    path: z.string().min(1).describe('The folder; folders in it are searched too').meta({ example: 'incoming' }),
    settle_seconds: z
      .number()
      .nonnegative()
      .default(2)
      .describe(
        'A file is complete when its size and time have not changed for so long; 0 for files that are renamed into place',
      ),
    rescan_seconds: z
      .number()
      .positive()
      .default(10)
      .describe('The folder is searched this often, besides when the system reports a change'),
    after: z
      .enum(['leave', 'move', 'delete'])
      .default('leave')
      .describe(
        'What happens to a file once all its windows are scored and stored; files that cannot be read are left',
      ),
    move_to: z.string().min(1).optional().describe('Folder for `after: move`'),
    state_path: z
      .string()
      .min(1)
      .nullable()
      .default(null)
      .describe('File that remembers which files were taken; null: .auscult-<source>.jsonl in the folder'),
    tail: z
      .enum(['drop', 'pad'])
      .default('drop')
      .describe('Samples after the last whole window of a file: left out, or padded with zeros to one more window'),
    frame_rate: z.number().positive().default(1).describe('Frames per second, for inputs that are not sound'),
    input: inputFormatSchema.optional().describe('How the files are read, where it differs from the training files'),
  })
  .refine(({ after, move_to }) => after !== 'move' || move_to !== undefined, {
    path: ['move_to'],
    message: '`after: move` needs a folder to move to',
  })

export type FolderSourceConfig = z.infer<typeof folderSourceSchema>
