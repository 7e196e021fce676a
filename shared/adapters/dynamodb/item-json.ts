/**
 * The one thing that JSON cannot say of an item: bytes go as base64 in the attribute value `{ "B": … }`. An attribute of an item
 * that is itself named B holds an attribute value, which is no text, so that the two cannot be mixed up.
 */
export const itemsInJson = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Uint8Array) return asBuffer(value).toString('base64')
  if (Array.isArray(value)) return value.map(itemsInJson)
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, itemsInJson(inner)])) // `__proto__` is a name
}

/** In place: whoever parsed it has it for himself. */
export const itemsOfJson = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    for (const inner of value) itemsOfJson(inner)
    return value
  }
  const read = value as Record<string, unknown>
  for (const [name, inner] of Object.entries(read))
    if (name === 'B' && typeof inner === 'string') read[name] = new Uint8Array(Buffer.from(inner, 'base64'))
    else itemsOfJson(inner)
  return value
}

const asBuffer = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer => Buffer.from(buffer, byteOffset, byteLength)
