import type { ModelFacts } from './inspect.ts'

/** A manifest to begin with, as commented YAML: what the model shows of itself, and what its maker has to say. */
export function draftManifest(facts: ModelFacts): string {
  const [input] = facts.inputs
  const { latents, reconstruction, outputs } = facts
  const others = outputs.map(({ name }) => name).join(', ')
  const latent = latents[0]
  return `# What Auscult has to know of ${facts.file}: docs/other-models.md.
# What made the features in training. \`auscult config train\` prints every option.
${frontEndLines(input?.shape).join('\n')}
# x′ = (x − offset) × scale, as in training; one number, or one for each entry of the last feature axis.
normalization: { offset: 0, scale: 1 }
input:
  name: ${quoted(input?.name ?? '…')} # ${input?.type}, [${input?.shape?.map(n => n ?? 'any').join(', ') ?? '?'}]
  # Its axes, where the shape leaves them open: batch channels frames bins height width samples values, 1, (a b) joined.
  # layout: "batch channels bins frames"
outputs:
  # Outputs of the model: ${others}
  reconstruction: ${reconstruction === null ? 'null # none of them has the size of the input' : quoted(reconstruction)}
  # A value with one score for each item; null: the loss below.
  score: null
  # Narrowest values: ${latents.map(({ name, size }) => `${name} (${size})`).join(', ') || 'not known'}
  latent: ${latent ? quoted(latent.name) : 'null'}
# mse, mae, smooth-l1 or bce
loss: mse
`
}

const quoted = (name: string): string => JSON.stringify(name)

/** The front end that the input looks like. */
function frontEndLines(shape: readonly (number | null)[] | undefined): string[] {
  const long = (shape ?? []).slice(1).filter(n => n !== 1)
  const sides = long.map(n => n ?? 100)
  if (sides.length === 2) {
    const [a, b] = sides
    return [
      `# Two axes, ${a} and ${b}: an image, or a spectrogram: { type: log-mel, sample_rate: 16000, window_seconds: 1, n_fft: 1024, hop_length: 512, n_mels: ${Math.max(a, b)} }`,
      `front_end: { type: frame, shape: [${a}, ${b}] }`,
    ]
  }
  const [size = 640] = sides
  return [
    `# One axis of ${size}: frames of numbers, samples, or stacked frames of a spectrogram:`,
    `# { type: raw, sample_rate: 16000, window_samples: ${size} }`,
    '# { type: log-mel, sample_rate: 16000, window_seconds: 1, n_fft: 1024, hop_length: 512, n_mels: 128, stack: 5 }',
    `front_end: { type: frame, shape: [${size}] }`,
  ]
}
