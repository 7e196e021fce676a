import { GetFunctionConfigurationCommand } from '@aws-sdk/client-lambda'
import { ReplicationError } from '../../domain/errors.ts'
import { createLambdaClient } from './lambda-client.ts'

/** The environment of a deployed function: the configuration that really runs, whatever the topology says by now. */
export const deployedEnvironment = async (
  region: string,
  name: string,
  client = createLambdaClient({ region }),
): Promise<Record<string, string>> => {
  try {
    const { Environment } = await client.send(new GetFunctionConfigurationCommand({ FunctionName: name }))
    return Environment?.Variables ?? {}
  } catch (cause) {
    const doing = `reading the configuration of the function ${name}; is the link deployed, to this account and region?`
    throw new ReplicationError('CONFIG_INVALID', doing, { cause })
  }
}
