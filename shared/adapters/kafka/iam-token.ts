import { createHash, createHmac } from 'node:crypto'
import { defaultProvider } from '@aws-sdk/credential-provider-node'
import { SignatureV4 } from '@smithy/signature-v4'
import type { AwsCredentialIdentityProvider, Checksum, SourceData } from '@smithy/types'

const TOKEN_SECONDS = 900
const USER_AGENT = 'twinshore'

/**
 * The token by which MSK's access control knows a role: the URL of a `kafka-cluster:Connect` request, signed for 15
 * minutes, in base64url. Credentials are asked for each time, since a token dies with the credentials that signed it.
 */
export const iamToken = async (
  region: string,
  credentials: AwsCredentialIdentityProvider = defaultProvider(),
  signingDate = new Date(),
): Promise<string> => {
  const signer = new SignatureV4({
    service: 'kafka-cluster',
    region,
    credentials,
    sha256: Sha256,
    applyChecksum: false,
  })
  const hostname = `kafka.${region}.amazonaws.com`
  const signed = await signer.presign(
    {
      method: 'GET',
      protocol: 'https:',
      hostname,
      path: '/',
      headers: { host: hostname },
      query: { Action: 'kafka-cluster:Connect' },
    },
    { expiresIn: TOKEN_SECONDS, signingDate },
  )
  const query = new URLSearchParams({ ...(signed.query as Record<string, string>), 'User-Agent': USER_AGENT })
  return Buffer.from(`https://${hostname}/?${query}`).toString('base64url')
}

class Sha256 implements Checksum {
  readonly #hash: ReturnType<typeof createHash> | ReturnType<typeof createHmac>

  constructor(secret?: SourceData) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytesOf(secret))
  }

  update(chunk: Uint8Array): void {
    this.#hash.update(chunk)
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest()
  }

  reset(): void {
    throw new TypeError('a digest is made once')
  }
}

const bytesOf = (data: SourceData): Uint8Array | string => {
  if (typeof data === 'string') return data
  return ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(data)
}
