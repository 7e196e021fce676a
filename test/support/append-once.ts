import { KafkaTargetLog } from '../../shared/adapters/kafka/kafka-target-log.ts'
import { polledRecords } from './polled-records.ts'
import { NO_SECRETS, openAccess } from './target-cluster.ts'

// A process for target-log-connection.test.ts: appends to the topic it is told, and tells what that leaves behind.
const [bootstrapServer = '', topic = ''] = process.argv.slice(2)
const warnings: string[] = []
process.on('warning', ({ name }) => warnings.push(name))
const log = new KafkaTargetLog(openAccess([bootstrapServer]), { compression: 'zstd', secrets: NO_SECRETS })
const deadline = { at: Date.now() + 20_000, signal: new AbortController().signal }
const { stopped } = await log.append({ topic, partition: 0, records: polledRecords(3) }, deadline)
const timers = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
console.log(JSON.stringify({ stopped: stopped?.error.code ?? 'no', timers, warnings }))
log.close()
