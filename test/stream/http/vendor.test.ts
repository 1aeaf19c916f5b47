import { describe, expect, it } from 'vitest'
import { readVendor } from '../../../src/stream/http/vendor.ts'

describe('readVendor', () => {
  it('serves what the page needs of installed packages', async () => {
    const script = await readVendor('/vendor/uPlot.esm.js')
    expect(script?.type).toBe('text/javascript; charset=utf-8')
    expect(script?.body.toString()).toContain('export { uPlot as default }')
    expect((await readVendor('/vendor/uPlot.min.css'))?.type).toBe('text/css; charset=utf-8')
  })

  it('serves nothing else', async () => {
    const paths = [
      '/vendor/',
      '/vendor/uPlot.iife.js',
      '/vendor/../package.json',
      '/vendor/constructor',
      '/uPlot.esm.js',
    ]
    for (const path of paths) expect(await readVendor(path), path).toBeUndefined()
  })
})
