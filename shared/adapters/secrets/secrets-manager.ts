import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import type { Secrets } from './secrets.ts'
import { createSecretsManagerClient } from './secrets-manager-client.ts'

/** AWS Secrets Manager. What was read is kept for as long as the process lives, until somebody asks for it fresh. */
export class SecretsManager implements Secrets {
  readonly #client: SecretsManagerClient
  readonly #known = new Map<string, Promise<string>>()

  constructor(region?: string, client = createSecretsManagerClient(region === undefined ? {} : { region })) {
    this.#client = client
  }

  read(name: string, { fresh }: { readonly fresh: boolean }): Promise<string> {
    const known = this.#known.get(name)
    if (known !== undefined && !fresh) return known
    const reading = this.#fetch(name)
    this.#known.set(name, reading)
    reading.catch(() => {
      if (this.#known.get(name) === reading) this.#known.delete(name)
    })
    return reading
  }

  async #fetch(name: string): Promise<string> {
    const { SecretString: text } = await this.#client.send(new GetSecretValueCommand({ SecretId: name }))
    if (text === undefined) throw new TypeError(`the secret ${name} holds bytes, not text`)
    return text
  }
}
