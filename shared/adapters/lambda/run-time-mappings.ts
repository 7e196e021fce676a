import {
  DeleteEventSourceMappingCommand,
  type EventSourceMappingConfiguration,
  GetEventSourceMappingCommand,
  ListEventSourceMappingsCommand,
  ListTagsCommand,
} from '@aws-sdk/client-lambda'
import type { EventSourceMapping } from '../../domain/event-source-mapping.ts'
import type { LinkMapping } from '../../domain/topics/mapping-plan.ts'
import { isMadeAtRunTime } from '../../domain/topics/mapping-tags.ts'
import type { Deadline } from '../../usecases/ports.ts'
import type { RunTimeMappings } from '../../usecases/topics/topic-ports.ts'
import type { ControlPlane } from './control-plane.ts'
import { parseMapping } from './mapping-request.ts'

/** Whose mappings they are. */
export interface MappingOwner {
  readonly installation: string
  /** Of the link. */
  readonly name: string
  readonly functionName: string
  /** The topics whose mappings the link's stack makes: those that the topology names. */
  readonly stackTopics: readonly string[]
}

/** What the mapping of a topic is to be like; the stack makes its own by the same function. */
export interface MappingChoice {
  readonly mappingOf: (topic: string) => EventSourceMapping
}

/** The most that Lambda lists at once. */
const MAPPINGS_PER_PAGE = 100

/** Lists and removes the mappings of a link's function; whoever makes them needs to know more of the link. */
export const runTimeMappings = (plane: ControlPlane, owner: MappingOwner): RunTimeMappings => ({
  list: (deadline) => list(plane, owner, deadline),
  remove: (id, deadline) => remove(plane, owner, id, deadline),
})

export const list = async (
  plane: ControlPlane,
  { functionName, stackTopics, mappingOf }: MappingOwner & Partial<MappingChoice>,
  deadline: Deadline,
): Promise<readonly LinkMapping[]> => {
  const doing = `listing the event source mappings of ${functionName}`
  const ofStack = new Set(stackTopics)
  const found: LinkMapping[] = []
  let marker: string | undefined
  do {
    const input = { FunctionName: functionName, MaxItems: MAPPINGS_PER_PAGE, ...(marker && { Marker: marker }) }
    const send = (abortSignal: AbortSignal) =>
      plane.client.send(new ListEventSourceMappingsCommand(input), { abortSignal })
    const answer = await plane.ask(send, doing, deadline)
    if (answer.kind === 'unknown') return [] // of a function that is gone
    if (answer.kind !== 'done') throw answer.error
    const page = answer.done.EventSourceMappings ?? []
    found.push(...page.flatMap((one) => parseMapping(one, ofStack, doing, mappingOf) ?? []))
    marker = answer.done.NextMarker
  } while (marker)
  return found
}

/** `undefined`: there is none of that id. */
export const describe = async (
  plane: ControlPlane,
  id: string,
  deadline: Deadline,
): Promise<EventSourceMappingConfiguration | undefined> => {
  const send = (abortSignal: AbortSignal) =>
    plane.client.send(new GetEventSourceMappingCommand({ UUID: id }), { abortSignal })
  const answer = await plane.ask(send, `looking at the event source mapping ${id}`, deadline)
  if (answer.kind === 'unknown') return undefined
  if (answer.kind !== 'done') throw answer.error
  return answer.done
}

const remove = async (
  plane: ControlPlane,
  owner: MappingOwner,
  id: string,
  deadline: Deadline,
): Promise<'removed' | 'not-ours'> => {
  const mapping = await describe(plane, id, deadline)
  if (mapping === undefined) return 'removed'
  const { EventSourceMappingArn: arn = '' } = mapping
  const ours = await isOurs(plane, owner, arn, deadline)
  if (ours !== true) return ours === undefined ? 'removed' : 'not-ours'
  if (mapping.State === 'Deleting') return 'removed'
  const send = (abortSignal: AbortSignal) =>
    plane.client.send(new DeleteEventSourceMappingCommand({ UUID: id }), { abortSignal })
  const answer = await plane.askAtRest(send, `removing the event source mapping ${id}`, deadline)
  if (answer.kind !== 'done' && answer.kind !== 'unknown') throw answer.error
  return 'removed'
}

/** `undefined`: there is no such mapping any more. Lists come without tags, and there is no proof without them. */
const isOurs = async (
  plane: ControlPlane,
  owner: MappingOwner,
  arn: string,
  deadline: Deadline,
): Promise<boolean | undefined> => {
  const send = (abortSignal: AbortSignal) => plane.client.send(new ListTagsCommand({ Resource: arn }), { abortSignal })
  const answer = await plane.ask(send, `reading the tags of ${arn}`, deadline)
  if (answer.kind === 'unknown') return undefined
  if (answer.kind !== 'done') throw answer.error
  return isMadeAtRunTime(answer.done.Tags ?? {}, owner)
}
