const PAD = '='.charCodeAt(0)
const WIDE = /[\u0100-\uffff]/

/** How many bytes a text of well-formed, padded base64 stands for. */
export const decodedBytes = (text: string): number => {
  const { length } = text
  if (text.charCodeAt(length - 1) !== PAD) return (length >>> 2) * 3
  return (length >>> 2) * 3 - (text.charCodeAt(length - 2) === PAD ? 2 : 1)
}

/**
 * Decodes straight into `bytes` at `at`, and says whether all of the text was base64.
 *
 * The decoder of Node never throws: it leaves out what it does not know, takes base64url for base64, and cuts
 * characters above 255 down to eight bits. So the written length must be the promised one, and the two latter are
 * looked for; neither look costs anything to speak of on the one-byte strings that JSON brings.
 */
export const decodeBase64 = (text: string, bytes: Buffer, at: number): boolean => {
  const promised = decodedBytes(text)
  if (text.length % 4 !== 0 || text.includes('-') || text.includes('_') || WIDE.test(text)) return false
  return bytes.write(text, at, promised, 'base64') === promised
}
