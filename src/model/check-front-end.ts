import { checkConfig } from '../config.ts'
import type { Bundle } from './bundle.ts'
import { frontEndSchema } from './frontends/config.ts'

/** The bundle with the options of its front end checked and complete. @throws AUSCULT_CONFIG */
export function checkFrontEnd(bundle: Bundle): Bundle {
  const { manifest, folder } = bundle
  const front_end = checkConfig(manifest.front_end, frontEndSchema, `${folder}: front_end`)
  return { ...bundle, manifest: { ...manifest, front_end: { ...front_end } } }
}
