import { describe, expect, it } from 'vitest'
import { cudaObstacle, explainCuda } from '../../../src/model/engines/cuda.ts'
import { machine } from '../../helpers/machines.ts'

const driver = { '/dev/nvidiactl': '' }
const libraries = {
  '/ort/libonnxruntime_providers_cuda.so': '',
  '/ort/libonnxruntime_providers_shared.so': '',
}

describe('cudaObstacle', () => {
  it.each([
    [{ platform: 'darwin', arch: 'arm64' }, /on Linux x64 only, and this is darwin arm64/, undefined],
    [{ arch: 'arm64' }, /on Linux x64 only/, undefined],
    [{}, /no NVIDIA driver/, /nvidia-smi/],
    [{ files: { '/.dockerenv': '' } }, /no NVIDIA card is handed into this container/, /--gpus all/],
    [{ files: driver }, /library for CUDA is not installed/, /npm rebuild onnxruntime-node --ignore-scripts=false/],
  ] as const)('of %j says what is missing', (parts, reason, remedy) => {
    const obstacle = cudaObstacle(machine(parts), '/ort')
    expect(obstacle?.reason).toMatch(reason)
    if (remedy) expect(obstacle?.remedy).toMatch(remedy)
    else expect(obstacle?.remedy).toBeUndefined()
  })

  it('finds none where driver and library are', () => {
    expect(cudaObstacle(machine({ files: { ...driver, ...libraries } }), '/ort')).toBeUndefined()
    expect(cudaObstacle(machine({ files: { '/dev/dxg': '', ...libraries } }), '/ort')).toBeUndefined()
  })
})

describe('explainCuda', () => {
  const failed = 'Failed to load shared library'

  it.each([
    [
      'libonnxruntime_providers_cuda.so with error: libcublasLt.so.12: cannot open shared object file',
      /libcublasLt\.so\.12 is not found/,
      /CUDA 12 and cuDNN 9/,
    ],
    [
      'libonnxruntime_providers_cuda.so with error: libcudnn.so.9: cannot open shared object file',
      /libcudnn\.so\.9 is not found/,
      /LD_LIBRARY_PATH/,
    ],
    ['CUDA failure 35: CUDA driver version is insufficient for CUDA runtime version', /driver is too old/, /Update/],
    ['CUDA failure 100: no CUDA-capable device is detected', /finds no card/, /CUDA_VISIBLE_DEVICES/],
    ['something else', /^Failed to load shared library$/, /nvidia-smi/],
  ])('finds in %j what is wrong', (output, reason, remedy) => {
    expect(explainCuda(failed, output)).toMatchObject({
      reason: expect.stringMatching(reason),
      remedy: expect.stringMatching(remedy),
    })
  })
})
