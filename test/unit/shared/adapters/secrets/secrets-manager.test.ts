import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { describe, expect, it } from 'vitest'
import { SecretsManager } from '../../../../../shared/adapters/secrets/secrets-manager.ts'

/** A client that answers with these texts in turn; an error is thrown, `undefined` is a secret made of bytes. */
const answering = (...answers: (string | undefined | Error)[]) => {
  const asked: unknown[] = []
  const send = async ({ input }: { input: unknown }) => {
    asked.push(input)
    const answer = answers.shift()
    if (answer instanceof Error) throw answer
    return { SecretString: answer }
  }
  return { asked, client: { send } as unknown as SecretsManagerClient }
}

describe('Secrets Manager', () => {
  it('is asked once for a secret, however many want it', async () => {
    const { asked, client } = answering('text')
    const secrets = new SecretsManager('eu-west-1', client)
    const read = () => secrets.read('login', { fresh: false })
    expect(await Promise.all([read(), read(), read()])).toEqual(['text', 'text', 'text'])
    expect(asked).toEqual([{ SecretId: 'login' }])
  })

  it('is asked again for a secret that was refused, and the new one is kept', async () => {
    const { client } = answering('old', 'new')
    const secrets = new SecretsManager('eu-west-1', client)
    expect(await secrets.read('login', { fresh: false })).toBe('old')
    expect(await secrets.read('login', { fresh: true })).toBe('new')
    expect(await secrets.read('login', { fresh: false })).toBe('new')
  })

  it('is asked again after it failed', async () => {
    const { client } = answering(new Error('throttled'), 'text')
    const secrets = new SecretsManager('eu-west-1', client)
    await expect(secrets.read('login', { fresh: false })).rejects.toThrow('throttled')
    expect(await secrets.read('login', { fresh: false })).toBe('text')
  })

  it('must hold text', async () => {
    const { client } = answering(undefined)
    await expect(new SecretsManager('eu-west-1', client).read('login', { fresh: false })).rejects.toThrow('login')
  })
})
