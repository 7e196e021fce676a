import { groupSyncName, replicatorName, topicSyncName } from '../../../shared/domain/link-names.ts'
import type { Link } from '../../../shared/domain/topology/topology.ts'
import { placementOf } from '../../../shared/domain/topology/topology.ts'
import type { GroupPassReport, GroupTranslation } from '../../../shared/usecases/groups/group-report.ts'
import type { PassReport } from '../../../shared/usecases/topics/pass-report.ts'
import { functionInvoker } from '../../aws/function-invoker.ts'
import { LinkEvidence, targetTopic } from '../../check/link-evidence.ts'
import { Redeliveries } from '../../check/redeliveries.ts'
import type { CheckedLink } from '../../check/replication-check.ts'
import type { LocalCluster } from '../../kafka/cluster.ts'
import { eventually } from '../../machine/eventually.ts'
import type { Observe } from '../../poller/happening.ts'
import type { World } from '../../world/world.ts'
import type { WorldLayout } from '../../world/world-layout.ts'
import type { Stage } from './scenario.ts'

/** One link of a world, with all that is needed to check it. */
export interface WatchedLink extends Omit<CheckedLink, 'topics'> {
  readonly source: LocalCluster
  readonly target: LocalCluster
  readonly link: Link
  /** How often the pollers of a topic were given partitions. */
  assignments(topic: string): number
  /** Invokes the function that otherwise the schedule invokes once a minute. */
  sync(): Promise<PassReport>
  /** What the next pass would do. */
  plan(): Promise<PassReport>
  /** Invokes the function that moves groups, which the schedule invokes once a minute too. */
  moveGroups(): Promise<GroupPassReport>
  translate(group: string): Promise<GroupTranslation>
}

export interface WatchedWorld {
  readonly world: World
  /** In the order of the layout. */
  readonly links: readonly WatchedLink[]
  link(name: string): WatchedLink
  close(): void
}

/** Short, so that nobody waits long after a fault has ended. */
const RETRY = { firstMs: 100, factor: 2, longestMs: 1_000 }
const PASS_WITHIN_MS = 60_000
const IN_STEP_WITHIN_MS = 60_000

/** Whoever brings up worlds. */
export interface Watcher extends Pick<Stage, 'startWorld'> {
  readonly options: Pick<Stage['options'], 'isolation'>
}

/** Brings up a world whose pollers are heard. */
export const watchWorld = async (stage: Watcher, layout: WorldLayout): Promise<WatchedWorld> => {
  const { isolation } = stage.options
  const heard = new Map<string, HeardPollers>()
  const heardOf = (functionName: string): HeardPollers => {
    const pollers = heard.get(functionName) ?? new HeardPollers()
    heard.set(functionName, pollers)
    return pollers
  }
  const world = await stage.startWorld({
    layout,
    choosePoller: ({ functionName, configuration }) => {
      const observe = heardOf(functionName).observer(configuration.Topics[0] ?? '')
      return { options: { isolation: `read_${isolation}`, observe, retry: RETRY } }
    },
  })
  const links = world.topology.links.map((link) => {
    const { redeliveries, assignments } = heardOf(replicatorName(link))
    return { ...watchLink(world, link), isolation, redeliveries, assignments }
  })
  return { world, links, link: named(links), close: () => links.forEach(({ state }) => void state.close()) }
}

/** What the pollers of one link told. */
class HeardPollers {
  readonly redeliveries = new Redeliveries()
  readonly #assigned = new Map<string, number>()
  readonly assignments = (topic: string): number => this.#assigned.get(topic) ?? 0

  observer(topic: string): Observe {
    const hear = this.redeliveries.observer(topic)
    return (happening) => {
      if (happening.kind === 'assigned') this.#assigned.set(topic, this.assignments(topic) + 1)
      hear(happening)
    }
  }
}

const named =
  (links: readonly WatchedLink[]) =>
  (name: string): WatchedLink => {
    const found = links.find(({ link }) => link.name === name)
    if (found === undefined) throw new Error(`watching ${name}: the layout has no such link`)
    return found
  }

const watchLink = (world: World, link: Link): Omit<WatchedLink, 'isolation' | 'redeliveries' | 'assignments'> => {
  const { aws, clusters } = world
  const [source, target] = [clusters.get(link.source.name), clusters.get(link.target.name)]
  if (aws === undefined || source === undefined || target === undefined)
    throw new Error(`watching ${link.name}: the world has no AWS, or lacks one of its clusters`)
  const ask = <Answer>(functionName: string, event: object): Promise<Answer> =>
    askFunction(aws.url, link, functionName, event)
  return {
    link,
    source,
    target,
    state: new LinkEvidence(aws.url, link),
    targetTopic: (topic) => targetTopic(link, topic),
    sync: () => ask(topicSyncName(link), { mode: 'apply' }),
    plan: () => ask(topicSyncName(link), { mode: 'plan' }),
    moveGroups: () => ask(groupSyncName(link), { mode: 'apply' }),
    translate: (group) => ask(groupSyncName(link), { mode: 'translate', group }),
  }
}

/** Invokes a deployed function and returns what it answers. */
const askFunction = async <Answer>(
  awsUrl: string,
  link: Link,
  functionName: string,
  event: object,
): Promise<Answer> => {
  const { invoke, close } = functionInvoker(awsUrl, placementOf(link).region)
  try {
    const result = await invoke(Buffer.from(JSON.stringify(event)), {
      functionName,
      event: 0,
      attempt: 1,
      why: 'first',
      signal: AbortSignal.timeout(PASS_WITHIN_MS),
    })
    if (result.kind === 'succeeded') return JSON.parse(result.response.toString())
    throw new Error(`invoking ${functionName}: ${result.kind === 'failed' ? result.reason : 'it timed out'}`)
  } finally {
    close()
  }
}

/** Passes until there is nothing left to do, and nothing to wait for. */
export const untilInStep = (link: WatchedLink, say: (line: string) => void): Promise<PassReport> =>
  eventually(
    `the topics of ${link.link.name} to be in step`,
    async () => {
      const report = await link.sync()
      const pending = report.notes.filter(({ severity }) => severity === 'pending')
      say(`${report.steps.length} steps, ${pending.length} topics wait`)
      return report.steps.length + pending.length === 0 && report
    },
    { withinMs: IN_STEP_WITHIN_MS, everyMs: 200 },
  )
