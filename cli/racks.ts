import { parseArgs } from 'node:util'
import { type DeployedFunction, invokeFunction } from '../shared/adapters/lambda/function-invocation.ts'
import { loadTopology } from '../shared/config/load-topology.ts'
import { ReplicationError } from '../shared/domain/errors.ts'
import { measureLagName, stackName } from '../shared/domain/link-names.ts'
import type { Plain } from '../shared/domain/plain.ts'
import type { RackReport } from '../shared/domain/racks/rack-report.ts'
import { type Link, placementOf, type Topology } from '../shared/domain/topology/topology.ts'
import { type Invoke, unreadable } from './asking.ts'
import { hasLists } from './pass-text.ts'
import { describeRacks } from './rack-text.ts'
import { type ExitCode, type Terminal, toJson } from './terminal.ts'
import { UsageError } from './usage-error.ts'

export const RACKS_USAGE = `twinshore racks <cluster> [--topology NAME] [--json]

Prints which partitions of a cluster would take no more records when one rack (broker.rack) is lost, rack by rack, and whether
the controllers would keep their majority. It is a deployed function of a link of that cluster that looks, now; it changes
nothing. Internal topics count too, as far as the login may describe them.

  --topology NAME   the file in infra/topologies/ (default: local)
  --json            one JSON document on standard output

Exit codes: 0 the cluster survives the loss of any one rack; 1 when it does not, or nobody can tell of its partitions.

Examples
  npx twinshore racks west
  npx twinshore racks west --json --topology self-managed-pair | jq '.unsafe[] | {topic, partition, racks}'`

/** The function ends within a minute; the rest is for a cold start in a network. */
const ANSWERS_WITHIN_MS = 70_000

export const runRacks = async (
  args: readonly string[],
  terminal: Terminal,
  invoke: Invoke = invokeFunction,
): Promise<ExitCode> => {
  const { cluster, json, topology } = parseRacksArguments(args)
  const report = await askOneOf(vantagesOf(await loadTopology(topology), cluster), terminal, invoke)
  terminal.result(json ? toJson({ cluster, ...report }) : describeRacks(cluster, report))
  return report.verdict === 'safe' ? 0 : 1
}

const parseRacksArguments = (args: readonly string[]) => {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { json: { type: 'boolean', default: false }, topology: { type: 'string', default: 'local' } },
  })
  const [cluster, ...others] = positionals
  if (cluster === undefined || others.length > 0) throw new UsageError('racks takes the name of one cluster')
  return { ...values, cluster }
}

/** A function that reaches the cluster, and which side of its link that is. */
interface Vantage {
  readonly deployed: DeployedFunction
  readonly side: 'source' | 'target'
}

/** Throws `CONFIG_INVALID` with the clusters that there are. */
const vantagesOf = ({ links }: Topology, cluster: string): readonly Vantage[] => {
  const vantages = links.flatMap((link): Vantage[] => [
    ...(link.target.name === cluster ? [{ deployed: canaryOf(link), side: 'target' as const }] : []),
    ...(link.source.name === cluster ? [{ deployed: canaryOf(link), side: 'source' as const }] : []),
  ])
  if (vantages.length > 0) return vantages
  const known = [...new Set(links.flatMap(({ source, target }) => [source.name, target.name]))].join(', ')
  throw new ReplicationError('CONFIG_INVALID', `looking for the cluster ${cluster}: the links have ${known}`)
}

const canaryOf = (link: Link): DeployedFunction => ({
  region: placementOf(link).region,
  name: measureLagName(link),
  stack: stackName(link, 'watch'),
  answersWithinMs: ANSWERS_WITHIN_MS,
})

/** One after the other until one of them answers; throws what the last one says. */
const askOneOf = async (
  vantages: readonly Vantage[],
  terminal: Terminal,
  invoke: Invoke,
): Promise<Plain<RackReport>> => {
  let trouble: unknown
  for (const { deployed, side } of vantages)
    try {
      terminal.note(`asking ${deployed.name} in ${deployed.region}`)
      return parseReport(await invoke(deployed, { mode: 'racks', side }), deployed)
    } catch (error) {
      if (!(error instanceof ReplicationError)) throw error
      if (trouble instanceof ReplicationError) terminal.note(trouble.message)
      trouble = error
    }
  throw trouble
}

const parseReport = (answer: unknown, deployed: DeployedFunction): Plain<RackReport> => {
  if (hasLists(answer, ['racks', 'unsafe', 'troubles'])) return answer as Plain<RackReport>
  throw unreadable(deployed, 'report on racks')
}
