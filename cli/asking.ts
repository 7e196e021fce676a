import { type DeployedFunction, invokeFunction } from '../shared/adapters/lambda/function-invocation.ts'
import { ReplicationError } from '../shared/domain/errors.ts'
import { accessSyncName, groupSyncName, stackName, topicSyncName } from '../shared/domain/link-names.ts'
import { type Followed, followedOf } from '../shared/domain/topology/followed.ts'
import { type Link, placementOf } from '../shared/domain/topology/topology.ts'
import type { Terminal } from './terminal.ts'

/** Asks a deployed function; only tests have another one. */
export type Invoke = (deployed: DeployedFunction, event: object) => Promise<unknown>

/** What one function answered, or why it did not. */
export type Answer =
  | { readonly kind: 'answered'; readonly answer: unknown }
  | { readonly kind: 'failed'; readonly error: ReplicationError }

const NAMES: Readonly<Record<Followed, (link: Link) => string>> = {
  topics: topicSyncName,
  groups: groupSyncName,
  access: accessSyncName,
}

const SWITCHES: Readonly<Record<Followed, string>> = {
  topics: 'the topology says syncTopics: false',
  groups: 'the topology says syncGroups: false',
  access: 'the link has no access in the topology',
}

/** A pass ends within 55 s; the rest is for a cold start in a network. */
const ANSWERS_WITHIN_MS = 70_000

/** The function that keeps something of a link in step. Throws `CONFIG_INVALID` when the topology does not want it. */
export const followerOf = (link: Link, what: Followed): DeployedFunction => {
  if (followedOf(link).includes(what))
    return {
      region: placementOf(link).region,
      name: NAMES[what](link),
      stack: stackName(link, 'sync'),
      answersWithinMs: ANSWERS_WITHIN_MS,
    }
  const doing = `looking for what keeps the ${what} of ${link.name} in step: ${SWITCHES[what]}`
  throw new ReplicationError('CONFIG_INVALID', doing)
}

/** Asks all of them side by side; one that fails stops no other. Says on standard error whom it waits for. */
export const askAll = async (
  functions: readonly DeployedFunction[],
  event: object,
  terminal: Terminal,
  invoke: Invoke = invokeFunction,
): Promise<readonly Answer[]> => {
  const waitingFor = new Set(functions.map(({ name }) => name))
  for (const { name, region } of functions) terminal.note(`asking ${name} in ${region}`)
  const ask = async (deployed: DeployedFunction): Promise<Answer> => {
    try {
      return { kind: 'answered', answer: await invoke(deployed, event) }
    } catch (error) {
      if (error instanceof ReplicationError) return { kind: 'failed', error }
      throw error
    } finally {
      waitingFor.delete(deployed.name)
    }
  }
  return await told(waitingFor, terminal, () => Promise.all(functions.map(ask)))
}

const TELL_EVERY_MS = 10_000

/** Says every so often who has not answered yet, and for how long. */
const told = async <T>(waitingFor: ReadonlySet<string>, terminal: Terminal, act: () => Promise<T>): Promise<T> => {
  const startedAt = Date.now()
  const tell = (): void => {
    const seconds = Math.round((Date.now() - startedAt) / 1_000)
    terminal.note(`${seconds} s, and no answer yet from ${[...waitingFor].join(', ')}`)
  }
  const telling = setInterval(tell, TELL_EVERY_MS)
  try {
    return await act()
  } finally {
    clearInterval(telling)
  }
}

/** What an answer is when it cannot be read. */
export const unreadable = ({ name }: DeployedFunction, what: string): ReplicationError => {
  const doing = `reading the answer of ${name}: it is no ${what}; is the function of another version than this command?`
  return new ReplicationError('FUNCTION_FAILED', doing)
}
