import {
  InvokeCommand,
  type InvokeCommandOutput,
  LambdaClient,
  type LambdaClientConfig,
  ResourceNotFoundException,
} from '@aws-sdk/client-lambda'
import { ERROR_CODES, type ErrorCode, ReplicationError } from '../../domain/errors.ts'

/** One of our functions as it is deployed. */
export interface DeployedFunction {
  readonly region: string
  readonly name: string
  /** The stack that makes it. */
  readonly stack: string
  /** Above the function's own timeout, and a cold start. */
  readonly answersWithinMs: number
}

/** Invokes once: whether to do it again is for whoever asked to decide. */
export const createInvocationClient = (
  answersWithinMs: number,
  place: Pick<LambdaClientConfig, 'region' | 'endpoint' | 'credentials'>,
): LambdaClient =>
  new LambdaClient({
    ...place,
    maxAttempts: 1,
    requestHandler: { connectionTimeout: 5_000, requestTimeout: answersWithinMs, throwOnRequestTimeout: true },
  })

/**
 * What the function returned. Throws the function's own error where it had one of ours, `FUNCTION_FAILED` where it ended
 * in another way, `FUNCTION_UNREACHABLE` where Lambda did not run it, and `CONFIG_INVALID` where there is none.
 */
export const invokeFunction = async (
  { region, name, stack, answersWithinMs }: DeployedFunction,
  event: object,
  client = createInvocationClient(answersWithinMs, { region }),
): Promise<unknown> => {
  const doing = `invoking the function ${name} in ${region}`
  const answer = await send(new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(event) }), client).catch(
    (cause: unknown) => {
      throw refusal(cause, doing, stack)
    },
  )
  const payload = parsed(answer, doing)
  if (answer.FunctionError === undefined) return payload
  const { errorMessage = 'it does not say why' } = (payload ?? {}) as { readonly errorMessage?: string }
  throw retold(errorMessage) ?? new ReplicationError('FUNCTION_FAILED', `${doing}: ${errorMessage}`)
}

const send = async (command: InvokeCommand, client: LambdaClient): Promise<InvokeCommandOutput> => {
  try {
    return await client.send(command)
  } finally {
    client.destroy()
  }
}

const refusal = (cause: unknown, doing: string, stack: string): ReplicationError => {
  const missing = `${doing}: there is no such function; is the stack ${stack} deployed, to this account and region?`
  if (cause instanceof ResourceNotFoundException) return new ReplicationError('CONFIG_INVALID', missing, { cause })
  const why = cause instanceof Error ? `${cause.name}, ${cause.message}` : String(cause)
  return new ReplicationError('FUNCTION_UNREACHABLE', `${doing}: ${why}`, { cause })
}

const parsed = ({ Payload }: InvokeCommandOutput, doing: string): unknown => {
  const text = Buffer.from(Payload ?? []).toString()
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new ReplicationError('FUNCTION_FAILED', `${doing}: its answer of ${text.length} characters is no JSON`, {
      cause,
    })
  }
}

/** The function's own error, with what to check as this version has it; `undefined` when it is none of ours. */
const retold = (message: string): ReplicationError | undefined => {
  const [, code = '', told = ''] = /^([A-Z_]+): ([\s\S]*)$/.exec(message) ?? []
  if (!isErrorCode(code)) return undefined
  const hint = ` (check ${ERROR_CODES[code].check})`
  return new ReplicationError(code, told.endsWith(hint) ? told.slice(0, -hint.length) : told)
}

const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(ERROR_CODES, code)
