import {
  CreateEventSourceMappingCommand,
  type CreateEventSourceMappingRequest,
  UpdateEventSourceMappingCommand,
  type UpdateEventSourceMappingRequest,
} from '@aws-sdk/client-lambda'
import { ReplicationError } from '../../domain/errors.ts'
import type { LinkMapping, MappingState } from '../../domain/topics/mapping-plan.ts'
import { runTimeTags } from '../../domain/topics/mapping-tags.ts'
import type { Deadline } from '../../usecases/ports.ts'
import type { MappingControl, MappingSwitch } from '../../usecases/topics/topic-ports.ts'
import { rest } from '../running-deadline.ts'
import { backoffMs, type ControlPlane } from './control-plane.ts'
import { mappingChange, mappingRequest, parseMapping, parseState } from './mapping-request.ts'
import { describe, list, type MappingChoice, type MappingOwner, runTimeMappings } from './run-time-mappings.ts'

export type MappingControlOptions = MappingOwner & MappingChoice

/** How often a mapping is looked for that exists but is not listed yet, or is just being removed. */
const CONFLICT_ATTEMPTS = 6

export const mappingControl = (plane: ControlPlane, options: MappingControlOptions): MappingControl => ({
  ...runTimeMappings(plane, options),
  ...mappingSwitch(plane, options),
  update: (id, topic, deadline) => {
    const change = mappingChange(options.mappingOf(topic))
    return modify(plane, id, change, `changing the settings of the event source mapping ${id}`, deadline)
  },
  create: (topic, { enabled }, deadline) => create(plane, options, topic, enabled, deadline),
})

/** For whoever only switches mappings on and off. */
export const mappingSwitch = (plane: ControlPlane, owner: MappingOwner): MappingSwitch => ({
  list: (deadline) => list(plane, owner, deadline),
  enable: (id, enabled, deadline) => {
    const doing = `${enabled ? 'enabling' : 'disabling'} the event source mapping ${id}`
    return modify(plane, id, { Enabled: enabled }, doing, deadline)
  },
})

const create = async (
  plane: ControlPlane,
  options: MappingControlOptions,
  topic: string,
  enabled: boolean,
  deadline: Deadline,
): Promise<LinkMapping> => {
  const doing = `making the event source mapping of ${topic} for ${options.functionName}`
  const input: CreateEventSourceMappingRequest = {
    FunctionName: options.functionName,
    Enabled: enabled,
    Tags: runTimeTags(options),
    ...mappingRequest(options.mappingOf(topic)),
  }
  const send = (abortSignal: AbortSignal) =>
    plane.client.send(new CreateEventSourceMappingCommand(input), { abortSignal })
  for (let attempt = 0; ; attempt++) {
    const answer = await plane.askAtRest(send, doing, deadline)
    if (answer.kind === 'done') return made(answer.done, options, doing)
    if (answer.kind !== 'exists') throw answer.error
    const existing = await findExisting(plane, options, topic, answer.error, deadline)
    if (existing !== undefined && existing.state !== 'Deleting') return existing
    if (attempt + 1 === CONFLICT_ATTEMPTS || !(await rest(backoffMs(attempt), deadline))) throw answer.error
  }
}

const made = (
  answer: Parameters<typeof parseMapping>[0],
  { stackTopics }: MappingOwner,
  doing: string,
): LinkMapping => {
  const mapping = parseMapping(answer, new Set(stackTopics), doing)
  if (mapping !== undefined) return mapping
  throw new ReplicationError('MAPPING_REFUSED', `${doing}: the answer describes no mapping of a topic`)
}

const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/i

/** Lists lag behind; what is not in them yet is looked up by the id that Lambda names when it refuses the second one. */
const findExisting = async (
  plane: ControlPlane,
  owner: MappingOwner,
  topic: string,
  { message }: ReplicationError,
  deadline: Deadline,
): Promise<LinkMapping | undefined> => {
  const listed = (await list(plane, owner, deadline)).find((mapping) => mapping.topic === topic)
  if (listed !== undefined) return listed
  const [id] = UUID.exec(message) ?? []
  const named = id === undefined ? undefined : await describe(plane, id, deadline)
  const isOfFunction = named?.FunctionArn?.split(':').includes(owner.functionName) ?? false
  if (named === undefined || !isOfFunction || named.Topics?.[0] !== topic) return undefined
  return made(named, owner, `looking at the event source mapping ${id}`)
}

type Change = Omit<UpdateEventSourceMappingRequest, 'UUID'>

const modify = async (
  plane: ControlPlane,
  id: string,
  change: Change,
  doing: string,
  deadline: Deadline,
): Promise<MappingState | 'gone'> => {
  const send = (abortSignal: AbortSignal) =>
    plane.client.send(new UpdateEventSourceMappingCommand({ UUID: id, ...change }), { abortSignal })
  const answer = await plane.askAtRest(send, doing, deadline)
  if (answer.kind === 'unknown') return 'gone'
  if (answer.kind !== 'done') throw answer.error
  return parseState(answer.done.State, doing)
}
