import type { KafkaAccess } from '../domain/kafka-access.ts'
import type { Compression } from '../domain/record-batch.ts'
import type { Lease } from '../usecases/lease-ports.ts'
import type { GapLedger, LinkControl, LinkState, OffsetMapPages, Quarantine } from '../usecases/ports.ts'
import type { TopicLedger } from '../usecases/topics/topic-ports.ts'
import { createDynamoDbClient } from './dynamodb/dynamodb-client.ts'
import { gapLedger } from './dynamodb/gap-ledger.ts'
import { lease } from './dynamodb/lease.ts'
import { linkControl } from './dynamodb/link-control.ts'
import { linkState } from './dynamodb/link-state.ts'
import { LinkTable } from './dynamodb/link-table.ts'
import { offsetMapPages } from './dynamodb/offset-map-pages.ts'
import { topicLedger } from './dynamodb/topic-ledger.ts'
import { KafkaSourceLog } from './kafka/kafka-source-log.ts'
import { KafkaTargetLog } from './kafka/kafka-target-log.ts'
import { s3Quarantine } from './s3/quarantine.ts'
import { createS3Client } from './s3/s3-client.ts'
import { SecretsManager } from './secrets/secrets-manager.ts'

/** Where the parts of a link are. */
export interface LinkPlaces {
  readonly link: {
    readonly compression: Compression['codec']
    readonly mapRetentionMs: number
    readonly initialMode: 'forwarding' | 'stopped'
  }
  readonly source: KafkaAccess
  readonly target: KafkaAccess
  readonly table: { readonly name: string; readonly region: string }
  /** In the table's region. */
  readonly quarantineBucket?: string
  /** Where the secrets of both clusters are; by default where the process runs. */
  readonly secretsRegion?: string
}

/** Everything of a link that is somewhere else; nothing is connected before it is used. */
export interface LinkConnections {
  readonly source: KafkaSourceLog
  readonly target: KafkaTargetLog
  readonly state: LinkState & LinkControl & GapLedger & OffsetMapPages
  readonly ledger: TopicLedger
  readonly quarantine: Quarantine | undefined
  /** Of whoever puts quarantined records back. */
  readonly replaying: Lease
  close(): void
}

/** What the lease of whoever puts quarantined records back is for. */
const REPLAY = 'replay'

export const connectLink = ({
  link,
  source,
  target,
  table,
  quarantineBucket,
  secretsRegion,
}: LinkPlaces): LinkConnections => {
  const { region } = table
  const secrets = new SecretsManager(secretsRegion)
  const linkTable = new LinkTable({
    client: createDynamoDbClient({ region }),
    name: table.name,
    initialMode: link.initialMode,
    retentionMs: link.mapRetentionMs,
  })
  const sourceLog = new KafkaSourceLog(source, { secrets })
  const targetLog = new KafkaTargetLog(target, { compression: link.compression, secrets })
  return {
    source: sourceLog,
    target: targetLog,
    state: {
      ...linkState(linkTable),
      ...linkControl(linkTable),
      ...gapLedger(linkTable),
      ...offsetMapPages(linkTable),
    },
    ledger: topicLedger(linkTable),
    quarantine: quarantineBucket === undefined ? undefined : s3Quarantine(createS3Client({ region }), quarantineBucket),
    replaying: lease(linkTable, REPLAY),
    close: () => {
      sourceLog.close()
      targetLog.close()
    },
  }
}
