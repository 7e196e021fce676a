import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Admin } from '@platformatic/kafka'
import { BrokerConnections, type ClusterAccess } from '../../local/check/broker-connections.ts'
import { readLog } from '../../local/check/log-reader.ts'
import type { LogRecord, RecordBatch } from '../../local/check/record-batch-reader.ts'
import { type ClusterOptions, type LocalCluster, startCluster } from '../../local/kafka/cluster.ts'
import { clientOptions } from '../../local/kafka/local-topics.ts'
import type { KafkaVersion } from '../../local/machine/toolchain.ts'
import type { Secrets } from '../../shared/adapters/secrets/secrets.ts'
import type { KafkaAccess } from '../../shared/domain/kafka-access.ts'

/** The Kafka that integration tests run against, `TWINSHORE_KAFKA` chooses. */
export const KAFKA_VERSION: KafkaVersion = process.env.TWINSHORE_KAFKA === '3.9.2' ? '3.9.2' : '4.3.1'

/** Records of tests are years old, and Kafka deletes those half a minute after it started. */
const KEEPS_OLD_RECORDS = { 'log.retention.ms': '-1' }

/** A cluster for one test file; `close` leaves nothing. */
export const openCluster = async (
  options: Omit<ClusterOptions, 'name' | 'folder'> = {},
): Promise<{ cluster: LocalCluster; folder: string; close: () => Promise<void> }> => {
  const folder = await mkdtemp(join(tmpdir(), 'twinshore-target-'))
  const removeFolder = (): Promise<void> => rm(folder, { recursive: true, force: true })
  try {
    const properties = { ...KEEPS_OLD_RECORDS, ...options.properties }
    const cluster = await startCluster({ name: 'target', folder, version: KAFKA_VERSION, ...options, properties })
    const close = async (): Promise<void> => {
      await cluster.stop()
      await removeFolder()
    }
    return { cluster, folder: join(folder, 'target'), close }
  } catch (error) {
    await removeFolder()
    throw error
  }
}

export const NO_SECRETS: Secrets = {
  read: async (name) => Promise.reject(new Error(`nobody keeps a secret ${name} here`)),
}

/** How the product reaches a cluster that asks nobody who they are. */
export const openAccess = (bootstrapServers: readonly string[]): KafkaAccess => ({
  cluster: 'target',
  bootstrapServers,
  tls: false,
  login: { kind: 'none' },
})

export const withAdmin = async <Answer>(
  access: ClusterAccess,
  ask: (admin: Admin) => Promise<Answer>,
): Promise<Answer> => {
  const admin = new Admin({ ...clientOptions(access), retries: 0 })
  try {
    return await ask(admin)
  } finally {
    await admin.close()
  }
}

/** The batches of a partition, read by a decoder that the product does not use. */
export const readBatches = async (access: ClusterAccess, topic: string, partition: number): Promise<RecordBatch[]> => {
  const brokers = new BrokerConnections(access)
  try {
    const batches: RecordBatch[] = []
    for await (const { batch } of readLog(brokers, { topic, partition })) batches.push(batch)
    return batches
  } finally {
    await brokers.close()
  }
}

export const readRecords = async (access: ClusterAccess, topic: string, partition: number): Promise<LogRecord[]> =>
  (await readBatches(access, topic, partition)).flatMap(({ records }) => records)

export const readValues = async (access: ClusterAccess, topic: string, partition: number): Promise<string[]> =>
  (await readRecords(access, topic, partition)).map(({ value }) => value?.toString() ?? '')
