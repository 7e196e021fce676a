import { ReplicationError } from '../../domain/errors.ts'
import type { LinkFunctionNames } from '../../domain/failover/failover-order.ts'
import { stackName } from '../../domain/link-names.ts'
import type { LinkFunctions } from '../../usecases/failover/link-functions.ts'
import type { Deadline } from '../../usecases/ports.ts'
import { AnswerReading } from './answer-reading.ts'
import { type DeployedFunction, invokeFunction } from './function-invocation.ts'
import { accessPassIn, groupPassIn, lagIn, racksIn, topicPassIn } from './pass-answers.ts'

export interface LinkFunctionsOptions {
  readonly link: { readonly installation: string; readonly name: string }
  readonly functions: LinkFunctionNames
  /** Only tests have another one. */
  readonly invoke?: (deployed: DeployedFunction, event: object) => Promise<unknown>
}

/** A pass ends within 55 s; the rest is for a cold start in a network. */
const ANSWERS_WITHIN_MS = 70_000

/** The deployed functions of a link, invoked; what they answer is checked before anybody believes it. */
export const lambdaLinkFunctions = ({
  link,
  functions,
  invoke = invokeFunction,
}: LinkFunctionsOptions): LinkFunctions => {
  const ask = async <Facts>(
    name: string,
    concern: 'watch' | 'sync',
    event: object,
    { at }: Deadline,
    read: (answer: AnswerReading) => Facts,
  ): Promise<Facts> => {
    const answersWithinMs = Math.max(1, Math.min(ANSWERS_WITHIN_MS, at - Date.now()))
    const deployed = { region: functions.region, name, stack: stackName(link, concern), answersWithinMs }
    return read(new AnswerReading(await invoke(deployed, event), refusing(name)))
  }
  const { measureLag, syncTopics, syncGroups, syncAccess } = functions
  return {
    status: (deadline) => ask(measureLag, 'watch', { mode: 'status' }, deadline, lagIn),
    racks: (side, deadline) => ask(measureLag, 'watch', { mode: 'racks', side }, deadline, racksIn),
    topics: async (mode, deadline) =>
      syncTopics === undefined ? undefined : await ask(syncTopics, 'sync', { mode }, deadline, topicPassIn),
    groups: async (mode, deadline) =>
      syncGroups === undefined ? undefined : await ask(syncGroups, 'sync', { mode }, deadline, groupPassIn),
    access: async (mode, deadline) =>
      syncAccess === undefined ? undefined : await ask(syncAccess, 'sync', { mode }, deadline, accessPassIn),
  }
}

const refusing =
  (name: string) =>
  (because: string): never => {
    const doing = `reading the answer of ${name}: ${because}; is it of another version than the function of the failover?`
    throw new ReplicationError('FUNCTION_FAILED', doing)
  }
