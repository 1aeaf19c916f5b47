import { moduleUrl } from '../../worker-url.ts'
import type { Session } from '../engine.ts'
import type { TfjsPackageName } from './tfjs-packages.ts'
import { tryApart } from './trial.ts'

/** What a process found that tried a package. */
export type TfjsTrial =
  | { readonly works: true; readonly device: Session['device']; readonly tensorflow: string }
  | { readonly works: false; readonly message: string }

export const tryTfjsPackage = (name: TfjsPackageName) =>
  tryApart<TfjsTrial>(moduleUrl('./tfjs-trial-process', import.meta.url), name)
