import { DescribeExecutionCommand, ExecutionDoesNotExist, InvalidArn, SFNClient } from '@aws-sdk/client-sfn'
import { ReplicationError } from '../../domain/errors.ts'
import type { Executions } from '../../usecases/failover/failover-ports.ts'
import type { Deadline } from '../../usecases/ports.ts'
import { CLIENT_PATIENCE } from '../client-patience.ts'

/** One that was stopped or timed out may be taken up again, and finds then that it has lost its lock. */
const RUNNING: readonly (string | undefined)[] = ['RUNNING', 'PENDING_REDRIVE']

/** Executions in whatever region their ARN names; `connect`: only tests have another one. */
export const stateMachineExecutions = (
  connect = (region: string): SFNClient => new SFNClient({ region, ...CLIENT_PATIENCE }),
): Executions & { close(): void } => {
  const clients = new Map<string, SFNClient>()
  const clientOf = (region: string): SFNClient => {
    const client = clients.get(region) ?? connect(region)
    clients.set(region, client)
    return client
  }
  return {
    isRunning: async (arn, deadline) => {
      const region = regionIn(arn)
      return region !== undefined && (await isRunning(arn, clientOf(region), deadline))
    },
    close: () => {
      for (const client of clients.values()) client.destroy()
      clients.clear()
    },
  }
}

/** arn:aws:states:<region>:<account>:execution:<machine>:<name>; what is no such ARN was never an execution. */
const regionIn = (arn: string): string | undefined => /^arn:[^:]+:states:([^:]+):[^:]*:execution:.+$/.exec(arn)?.[1]

const isRunning = async (executionArn: string, client: SFNClient, { signal }: Deadline): Promise<boolean> => {
  try {
    const { status } = await client.send(new DescribeExecutionCommand({ executionArn }), { abortSignal: signal })
    return RUNNING.includes(status)
  } catch (cause) {
    if (cause instanceof ExecutionDoesNotExist || cause instanceof InvalidArn) return false
    const why = cause instanceof Error ? `${cause.name}, ${cause.message}` : String(cause)
    throw new ReplicationError('MACHINE_UNREACHABLE', `asking whether ${executionArn} still runs: ${why}`, { cause })
  }
}
