export { AuscultError, ERROR_CODES, type ErrorCode } from './errors.ts'
export type { Delivery, Episode, EpisodeEvent, Score, Window } from './types.ts'
export { VERSION } from './version.ts'
