import {
  DescribeExecutionCommand,
  ExecutionDoesNotExist,
  InvalidToken,
  ListExecutionsCommand,
  ListStateMachinesCommand,
  SendTaskFailureCommand,
  SendTaskSuccessCommand,
  type SFNClient,
  StartExecutionCommand,
  TaskDoesNotExist,
  TaskTimedOut,
} from '@aws-sdk/client-sfn'
import { ReplicationError } from '../../domain/errors.ts'
import { FAILOVER_ENDINGS } from '../../domain/failover/step-call.ts'
import type { ExecutionLook, MachineDesk, NewestExecution } from '../../usecases/failover/desk-ports.ts'
import type { Deadline } from '../../usecases/ports.ts'

/** The machine of that name, in the region and the account of the client. */
export const stateMachineDesk = (client: SFNClient, machine: string): MachineDesk => {
  let known: string | undefined
  const machineArn = async (deadline: Deadline): Promise<string> =>
    (known ??= await findMachine(client, machine, deadline))
  const executionArn = async (name: string, deadline: Deadline): Promise<string> =>
    `${(await machineArn(deadline)).replace(':stateMachine:', ':execution:')}:${name}`
  return {
    start: async (name, wish, deadline) => {
      const stateMachineArn = await machineArn(deadline)
      const start = new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(wish) })
      await unlessUnreachable(`starting ${name} of ${machine}`, client.send(start, { abortSignal: deadline.signal }))
    },
    newest: async (deadline) => await newest(client, await machineArn(deadline), deadline),
    look: async (name, deadline) => await look(client, await executionArn(name, deadline), deadline),
    answer: (taskToken, answer, deadline) => {
      const success = new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(answer) })
      return answered(client.send(success, { abortSignal: deadline.signal }))
    },
    refuse: (taskToken, { by, because }, deadline) => {
      const failure = new SendTaskFailureCommand({ taskToken, error: 'Refused', cause: `by ${by}: ${because}` })
      return answered(client.send(failure, { abortSignal: deadline.signal }))
    },
  }
}

/** The account that the machine is in, by its ARN. */
export const machineAccount = async (client: SFNClient, machine: string, deadline: Deadline): Promise<string> => {
  const [, , , , account = ''] = (await findMachine(client, machine, deadline)).split(':')
  return account
}

const findMachine = async (client: SFNClient, machine: string, { signal }: Deadline): Promise<string> => {
  const doing = `looking for the state machine ${machine}`
  let nextToken: string | undefined
  do {
    const list = new ListStateMachinesCommand({ maxResults: 1_000, ...(nextToken !== undefined && { nextToken }) })
    const page = await unlessUnreachable(doing, client.send(list, { abortSignal: signal }))
    const found = page.stateMachines?.find(({ name }) => name === machine)?.stateMachineArn
    if (found !== undefined) return found
    nextToken = page.nextToken
  } while (nextToken !== undefined)
  throw new ReplicationError(
    'CONFIG_INVALID',
    `${doing}: there is none; is the pair deployed, to this account and region?`,
  )
}

/** Step Functions lists those first that were started last; one that runs is never far down. */
const newest = async (
  client: SFNClient,
  stateMachineArn: string,
  { signal }: Deadline,
): Promise<NewestExecution | undefined> => {
  const list = client.send(new ListExecutionsCommand({ stateMachineArn, maxResults: 100 }), { abortSignal: signal })
  const { executions = [] } = await unlessUnreachable(`looking for executions of ${stateMachineArn}`, list)
  const found = executions.find(({ status }) => isRunning(status)) ?? executions[0]
  if (found?.name === undefined) return undefined
  return { name: found.name, running: isRunning(found.status), startedAt: found.startDate?.getTime() ?? 0 }
}

const isRunning = (status: string | undefined): boolean => status === 'RUNNING' || status === 'PENDING_REDRIVE'

const look = async (
  client: SFNClient,
  executionArn: string,
  { signal }: Deadline,
): Promise<ExecutionLook | undefined> => {
  const described = client.send(new DescribeExecutionCommand({ executionArn }), { abortSignal: signal })
  const found = await unlessUnreachable(`looking at ${executionArn}`, described.catch(isUnknown))
  if (found === undefined) return undefined
  const { status = 'UNKNOWN', output, cause, error } = found
  if (isRunning(status)) return { kind: 'running' }
  const ended = status === 'SUCCEEDED' ? endingIn(output) : undefined
  return ended ?? { kind: 'broken', status, cause: [error, cause].filter((text) => text !== undefined).join(': ') }
}

const isUnknown = (error: unknown): undefined => {
  if (error instanceof ExecutionDoesNotExist) return undefined
  throw error
}

/** As the last state of the machine writes it. */
const endingIn = (output = '{}'): ExecutionLook | undefined => {
  const { outcome, report }: { readonly outcome?: unknown; readonly report?: unknown } = JSON.parse(output)
  const known = FAILOVER_ENDINGS.find((ending) => ending === outcome)
  return known && { kind: 'ended', outcome: known, ...(typeof report === 'string' && { report }) }
}

const answered = async (sent: Promise<unknown>): Promise<'answered' | 'late'> =>
  await unlessUnreachable(
    'answering the execution',
    sent.then(
      () => 'answered',
      (error: unknown) => {
        if (error instanceof TaskTimedOut || error instanceof TaskDoesNotExist || error instanceof InvalidToken)
          return 'late'
        throw error
      },
    ),
  )

const unlessUnreachable = async <Result>(doing: string, request: Promise<Result>): Promise<Result> => {
  try {
    return await request
  } catch (cause) {
    const why = cause instanceof Error ? `${cause.name}, ${cause.message}` : String(cause)
    throw new ReplicationError('MACHINE_UNREACHABLE', `${doing}: ${why}`, { cause })
  }
}
