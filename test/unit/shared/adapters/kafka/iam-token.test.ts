import { describe, expect, it } from 'vitest'
import { iamToken } from '../../../../../shared/adapters/kafka/iam-token.ts'

const CREDENTIALS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'a secret', sessionToken: 'session+/=' }
const NOON = new Date('2026-01-02T12:00:00Z')

/** What AWS's own aws-msk-iam-sasl-signer-js 1.0.3 signs for these credentials at this time. */
const SIGNATURE = 'a7d204992a10c27a641013b181845ee37aadb142da7a5661f49e26a2f7be9438'

const urlOf = (token: string): URL => new URL(Buffer.from(token, 'base64url').toString())

describe('the token for MSK', () => {
  it('is a signed request to connect, good for a quarter of an hour', async () => {
    const url = urlOf(await iamToken('eu-west-1', async () => CREDENTIALS, NOON))
    expect(url.origin).toBe('https://kafka.eu-west-1.amazonaws.com')
    expect(url.pathname).toBe('/')
    expect(Object.fromEntries(url.searchParams)).toEqual({
      Action: 'kafka-cluster:Connect',
      'User-Agent': 'twinshore',
      'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
      'X-Amz-Credential': 'AKIDEXAMPLE/20260102/eu-west-1/kafka-cluster/aws4_request',
      'X-Amz-Date': '20260102T120000Z',
      'X-Amz-Expires': '900',
      'X-Amz-Security-Token': 'session+/=',
      'X-Amz-SignedHeaders': 'host',
      'X-Amz-Signature': SIGNATURE,
    })
  })

  it('asks for the credentials each time, since they change', async () => {
    let asked = 0
    const credentials = async () => ({ ...CREDENTIALS, accessKeyId: `KEY${asked++}` })
    await iamToken('eu-west-1', credentials)
    const url = urlOf(await iamToken('eu-west-1', credentials))
    expect(url.searchParams.get('X-Amz-Credential')).toMatch(/^KEY1\//)
  })
})
