/**
 * A `view` message with its matrices as numbers, in the unit of the message.
 * @returns the message with `heard` and `expected`, Float32Array `[rows × columns]`
 */
export function decode(message) {
  const { low, high, features, reconstruction } = message
  return { ...message, heard: toValues(features, low, high), expected: toValues(reconstruction, low, high) }
}

function toValues(base64, low, high) {
  const text = atob(base64)
  const values = new Float32Array(text.length)
  const step = (high - low) / 255
  for (let i = 0; i < text.length; i++) values[i] = low + step * text.charCodeAt(i)
  return values
}
