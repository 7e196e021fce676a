import { InvokeCommand, LambdaClient, UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda'
import { clientSettings } from './deployed-stack.ts'

/** What an invocation answered, and what it wrote into its log: of many lines the last ones, since Lambda tells no more than 4 KB. */
export interface LoggedInvocation {
  readonly answer: unknown
  readonly lines: readonly string[]
}

/** A deployed function of the local AWS that is invoked by hand, with its log. */
export class LoggedFunction {
  readonly #client: LambdaClient
  readonly #name: string

  constructor(endpoint: string, region: string, name: string) {
    this.#client = new LambdaClient({ ...clientSettings(endpoint, region), maxAttempts: 1 })
    this.#name = name
  }

  /** How long it may run from now on, until it is deployed again. */
  async limit(seconds: number): Promise<void> {
    await this.#client.send(new UpdateFunctionConfigurationCommand({ FunctionName: this.#name, Timeout: seconds }))
  }

  /** Throws when the function fails. */
  async invoke(event: object): Promise<LoggedInvocation> {
    const Payload = Buffer.from(JSON.stringify(event))
    const command = new InvokeCommand({ FunctionName: this.#name, Payload, LogType: 'Tail' })
    const { FunctionError: error, Payload: answer, LogResult = '' } = await this.#client.send(command)
    const text = Buffer.from(answer ?? []).toString()
    if (error !== undefined) throw new Error(`invoking ${this.#name}: ${text}`)
    return { answer: JSON.parse(text), lines: Buffer.from(LogResult, 'base64').toString().split('\n') }
  }

  close(): void {
    this.#client.destroy()
  }
}
