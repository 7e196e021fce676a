import type { Plain } from '../shared/domain/plain.ts'
import { RACK_FAULTS, type UnsafePartition } from '../shared/domain/racks/partition-verdict.ts'
import type { QuorumVerdict } from '../shared/domain/racks/quorum-verdict.ts'
import type { RackReport } from '../shared/domain/racks/rack-report.ts'
import type { FatalRacks } from '../shared/domain/racks/rack-survival.ts'
import { counted, part } from './pass-text.ts'
import { table } from './terminal.ts'

type Report = Plain<RackReport>

const VERDICTS: Readonly<Record<Report['verdict'], string>> = {
  safe: 'survives the loss of any one rack',
  unsafe: 'does not survive the loss of any one rack',
  unknown: 'nobody can tell whether it survives the loss of any one rack',
}

const MOST_LISTED = 50

/** What the loss of each rack would mean, the worst on top. */
export const describeRacks = (cluster: string, report: Report): string => {
  const { verdict, racks, partitions, unsafe, unsafePartitions, unknownPartitions, quorum, troubles } = report
  const listed = unsafe.slice(0, MOST_LISTED)
  const all = listed.length === unsafePartitions ? '' : `, the first ${listed.length} of ${unsafePartitions}`
  const unknown = unknownPartitions === 0 ? '' : `, of which nobody can tell of ${unknownPartitions}`
  return [
    `${cluster} ${VERDICTS[verdict]}: ${counted(partitions, 'partition')}${unknown}`,
    ...part('', racks, (items) => rackRows(items, quorum.kind !== 'unknown')),
    `controllers: ${quorumText(quorum)}`,
    ...part(`partitions that would take no records${all}`, listed, partitionRows),
    ...part('could not be told', troubles, (items) => items.join('\n')),
  ].join('\n\n')
}

const rackRows = (racks: Report['racks'], knowsQuorum: boolean): string =>
  table([
    ['losing rack', 'with brokers', 'stops partitions', 'controllers'],
    ...racks.map(({ rack, brokers, partitions, endsQuorum }) => [
      rack,
      `${brokers}`,
      `${partitions}`,
      knowsQuorum ? `${endsQuorum ? 'lose' : 'keep'} their majority` : 'unknown',
    ]),
  ])

const quorumText = (quorum: Plain<QuorumVerdict>): string => {
  if (quorum.kind === 'unknown') return `unknown, ${quorum.because}`
  const counts = `${quorum.following} of ${quorum.voters} follow, ${quorum.needed} are needed`
  if (quorum.kind === 'safe') return `${counts}; they go on without any one rack`
  return `${counts}; without ${placesOf(quorum)} nobody elects leaders or gives up lost replicas`
}

/** `any rack`: too few are left already. */
const placesOf = ({ racks, rackOf }: Plain<FatalRacks>): string =>
  [...racks, ...rackOf.map((node) => `the rack of ${node}`)].join(' or ') || 'any rack'

const partitionRows = (partitions: readonly Plain<UnsafePartition>[]): string =>
  table([
    ['topic', 'partition', 'in sync', 'needed', 'losing', 'because'],
    ...partitions.map(({ topic, partition, inSync, needed, fault, ...fatal }) => [
      topic,
      `${partition}`,
      `${inSync}`,
      `${needed}`,
      placesOf(fatal),
      RACK_FAULTS[fault],
    ]),
  ])
