import { type AclBinding, bindingText } from '../../domain/access/acl-binding.ts'
import type { RegisteredRight } from '../../domain/access/own-right.ts'
import { ReplicationError } from '../../domain/errors.ts'
import { bindsReplication, fenceDenial, otherWriters } from '../../domain/failover/fence-denial.ts'
import type { AccessLedger, AclAdmin, PerRight } from '../access/access-ports.ts'
import type { Clock, Deadline } from '../ports.ts'
import { brief } from './brief-deadline.ts'
import type { Fence, FenceAnswer, WriteProbe } from './fence-ports.ts'

export interface AclFenceDeps {
  /** The cluster's name in the topology. */
  readonly cluster: string
  readonly principals: readonly string[]
  readonly acls: AclAdmin
  /** Of the denials that fences made on the cluster, and of nothing else. */
  readonly registry: AccessLedger
  /** The registry is kept in the region of a cluster that may be gone: then what the topology would deny is lifted. */
  readonly registryMayBeGone?: true
  /** Whom the cluster takes our own login for. */
  readonly ownPrincipal: () => Promise<string>
  /** Logs in as one of the principals. */
  readonly probe?: WriteProbe
  readonly clock: Clock
}

/**
 * Denies principals to write to any topic. A denial is registered before it is made and forgotten after it was taken away:
 * whoever dies in between leaves an entry without a denial, never a denial of ours that nobody lifts. One that somebody
 * else has made holds as well, and stays.
 */
export const aclFence = (deps: AclFenceDeps): Fence => ({
  name: `DENY WRITE on ${deps.cluster} for ${deps.principals.join(', ')}`,
  apply: (_cause, deadline) => apply(deadline, deps),
  prove: (_cause, topics, deadline) => prove(topics, deadline, deps),
  lift: (_cause, deadline) => lift(deadline, deps),
})

const denials = ({ principals }: AclFenceDeps): readonly AclBinding[] => [...new Set(principals)].map(fenceDenial)

const apply = async (deadline: Deadline, deps: AclFenceDeps): Promise<FenceAnswer> => {
  const { acls, cluster, registry, ownPrincipal, principals } = deps
  const binds = bindsReplication(principals, await ownPrincipal())
  if (binds !== undefined) return { outcome: 'refused', message: `fencing ${cluster} by ACLs: ${binds}` }
  const there = textsOf(await shown(deadline, deps))
  const missing = denials(deps).filter((binding) => !there.has(bindingText(binding)))
  for (const binding of missing) await registry.remember({ kind: 'acl', binding }, deadline)
  if (missing.length > 0) allDone(await acls.create(missing, deadline))
  const kept = denials(deps).length - missing.length
  return { outcome: 'done', message: `${cluster}: ${missing.length} denials made, ${kept} were there` }
}

const lift = async (deadline: Deadline, deps: AclFenceDeps): Promise<FenceAnswer> => {
  const { acls, cluster, registry } = deps
  const entries = await registered(deadline, deps)
  const made = entries?.flatMap(({ right }) => (right.kind === 'acl' ? [right.binding] : []))
  const bindings = made ?? denials(deps)
  if (bindings.length > 0) allDone(await acls.remove(bindings, deadline))
  for (const entry of entries ?? []) await registry.forget(entry, deadline)
  const blindly = entries === undefined ? ', without the registry of those that were made' : ''
  return { outcome: 'done', message: `${cluster}: ${bindings.length} denials taken away${blindly}` }
}

/** A table that does not answer is asked again and again, while applications wait to be let in. */
const REGISTRY_MS = 5_000

/** `undefined`: nobody can tell. */
const registered = async (
  deadline: Deadline,
  { registry, registryMayBeGone, clock }: AclFenceDeps,
): Promise<readonly RegisteredRight[] | undefined> => {
  try {
    return await registry.entries(registryMayBeGone ? brief(deadline, REGISTRY_MS, { clock }) : deadline)
  } catch (error) {
    if (registryMayBeGone && error instanceof ReplicationError && error.code === 'STATE_UNREACHABLE') return undefined
    throw error
  }
}

const prove = async (topics: readonly string[], deadline: Deadline, deps: AclFenceDeps): Promise<FenceAnswer> => {
  const bindings = await shown(deadline, deps)
  const there = textsOf(bindings)
  const missing = denials(deps).filter((binding) => !there.has(bindingText(binding)))
  const [first] = missing
  if (first === undefined) return withOthers(bindings, await tryToWrite(topics, deadline, deps), deps)
  const some = `${first.principal}${missing.length > 1 ? ` and ${missing.length - 1} others` : ''}`
  return { outcome: 'again', message: `${deps.cluster} does not show the denial for ${some}` }
}

/** Whom the fence does not name is left out on purpose, or was forgotten: who reads the proof has to know of them. */
const withOthers = async (
  bindings: readonly AclBinding[],
  answer: FenceAnswer,
  { principals, ownPrincipal }: AclFenceDeps,
): Promise<FenceAnswer> => {
  const others = otherWriters(bindings, [...principals, await ownPrincipal()])
  if (others.length === 0) return answer
  const named = others.slice(0, MOST_NAMED).join(', ')
  const more = others.length > MOST_NAMED ? ` and ${others.length - MOST_NAMED} others` : ''
  const unfenced = `${named}${more} may write as well, and this fence does not name them`
  return { ...answer, weaker: answer.weaker === undefined ? unfenced : `${answer.weaker}; ${unfenced}` }
}

const MOST_NAMED = 5

const tryToWrite = async (
  topics: readonly string[],
  deadline: Deadline,
  { cluster, principals, probe }: AclFenceDeps,
): Promise<FenceAnswer> => {
  const shows = `${cluster} shows the denials for all ${principals.length} principals`
  if (probe === undefined) return { outcome: 'done', message: shows, weaker: UNTRIED }
  if (topics.length === 0) return { outcome: 'done', message: shows, weaker: NO_TOPIC }
  const writer = await probe.principal()
  if (writer.startsWith('User:') && !principals.includes(writer))
    return { outcome: 'refused', message: `the login of the probe is ${writer}, whom this fence does not bind` }
  const verdicts = [...(await probe.ask(topics, deadline))]
  for (const [topic, verdict] of verdicts) {
    if (verdict.kind === 'may-write')
      return { outcome: 'again', message: `${writer} may still write to ${topic}: ${verdict.said}` }
    if (verdict.kind === 'unclear')
      return { outcome: 'again', message: `whether ${writer} may write to ${topic} is unclear: ${verdict.because}` }
  }
  const message = `${shows}, and all brokers refuse writes of ${writer} to ${topics.length} topics`
  if (!writer.startsWith('User:')) return { outcome: 'done', message, weaker: UNNAMED }
  const others = principals.length - 1
  return { outcome: 'done', message, ...(others > 0 && { weaker: `writes of the ${others} others were not tried` }) }
}

const UNNAMED = 'nobody can tell whether the certificate of the probe is that of one of the principals'

const NO_TOPIC = 'no topic is replicated, so that nobody has tried to write to any'

const UNTRIED =
  'no login of an application is known, so that nobody has tried to write with its rights; no ACL binds a super user'

const textsOf = (bindings: readonly AclBinding[]): ReadonlySet<string> => new Set(bindings.map(bindingText))

const shown = async (deadline: Deadline, { acls, cluster }: AclFenceDeps): Promise<readonly AclBinding[]> => {
  const list = await acls.list(deadline)
  if (list.kind === 'listed') return list.bindings
  throw new ReplicationError('NO_AUTHORIZER', `fencing ${cluster} by ACLs: it lets everybody do everything`)
}

const allDone = (answers: PerRight): void => {
  for (const answer of answers.values()) if (answer !== 'done') throw answer
}
