import {
  GetParameterCommand,
  ParameterNotFound,
  ParameterVersionNotFound,
  PutParameterCommand,
  SSMClient,
  type SSMClientConfig,
} from '@aws-sdk/client-ssm'
import { ReplicationError } from '../../domain/errors.ts'
import { type ClientPointer, parsePointer, pointerText } from '../../domain/failover/client-pointer.ts'
import type { PointerPlace, StoredPointer } from '../../usecases/failover/fence-ports.ts'
import type { Deadline } from '../../usecases/ports.ts'
import { CLIENT_PATIENCE } from '../client-patience.ts'

/** What is not named comes from the environment. */
export const createSsmClient = (place: Pick<SSMClientConfig, 'region' | 'endpoint' | 'credentials'> = {}): SSMClient =>
  new SSMClient({ ...place, ...CLIENT_PATIENCE })

/** A pointer in a parameter of Systems Manager, as a text; `region` is where the client asks. */
export const parameterPointer = (client: SSMClient, parameter: string, region: string): PointerPlace => {
  const name = `${parameter} in ${region}`
  return {
    name,
    read: async (deadline, version) => await read(client, { parameter, name, version }, deadline),
    write: async (pointer, deadline) => await write(client, { parameter, name }, pointer, deadline),
  }
}

interface Asked {
  readonly parameter: string
  readonly name: string
  readonly version?: number | undefined
}

const read = async (
  client: SSMClient,
  { parameter, name, version }: Asked,
  { signal }: Deadline,
): Promise<StoredPointer | undefined> => {
  const command = new GetParameterCommand({ Name: version === undefined ? parameter : `${parameter}:${version}` })
  try {
    const { Parameter: found } = await client.send(command, { abortSignal: signal })
    const pointer = parsePointer(found?.Value ?? '')
    return { version: found?.Version ?? 0, ...(pointer !== undefined && { pointer }) }
  } catch (error) {
    if (error instanceof ParameterNotFound || error instanceof ParameterVersionNotFound) return undefined
    throw unreachable(error, `reading ${name}`)
  }
}

const write = async (
  client: SSMClient,
  { parameter, name }: Asked,
  pointer: ClientPointer,
  { signal }: Deadline,
): Promise<number> => {
  const input = { Name: parameter, Value: pointerText(pointer), Type: 'String', Overwrite: true } as const
  try {
    const { Version: version } = await client.send(new PutParameterCommand(input), { abortSignal: signal })
    return version ?? 1
  } catch (error) {
    throw unreachable(error, `writing ${name}`)
  }
}

const unreachable = (cause: unknown, doing: string): ReplicationError => {
  const why = cause instanceof Error ? `${cause.name}, ${cause.message}` : String(cause)
  return new ReplicationError('POINTER_UNREACHABLE', `${doing}: ${why}`, { cause })
}
