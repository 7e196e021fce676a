import { GetFunctionConfigurationCommand, ResourceNotFoundException } from '@aws-sdk/client-lambda'
import { ReplicationError } from '../../domain/errors.ts'
import { createLambdaClient } from './lambda-client.ts'

/**
 * The environment of a deployed function: the configuration that really runs, whatever the topology says by now. Throws
 * `CONFIG_INVALID` where there is none, and `FUNCTION_UNREACHABLE` where Lambda does not tell.
 */
export const deployedEnvironment = async (
  region: string,
  name: string,
  client = createLambdaClient({ region }),
): Promise<Record<string, string>> => {
  try {
    const { Environment } = await client.send(new GetFunctionConfigurationCommand({ FunctionName: name }))
    return Environment?.Variables ?? {}
  } catch (cause) {
    throw refusal(cause, `reading the configuration of the function ${name} in ${region}`)
  }
}

const refusal = (cause: unknown, doing: string): ReplicationError => {
  const missing = `${doing}: there is no such function; is the link deployed, to this account and region?`
  if (cause instanceof ResourceNotFoundException) return new ReplicationError('CONFIG_INVALID', missing, { cause })
  const why = cause instanceof Error ? `${cause.name}, ${cause.message}` : String(cause)
  return new ReplicationError('FUNCTION_UNREACHABLE', `${doing}: ${why}`, { cause })
}
