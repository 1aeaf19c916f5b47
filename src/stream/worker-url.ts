export { moduleUrl, workerFlags } from '../worker-url.ts'
