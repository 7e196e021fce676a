import type { ClusterAccess } from '../../check/broker-connections.ts'
import { readTopic } from '../../check/log-reader.ts'
import type { LogRecord } from '../../check/record-batch-reader.ts'
import { untilReplicated } from '../../check/replication-check.ts'
import { isWriter, writerHeader, writerOf } from '../../check/written-on.ts'
import { RecordAppender } from '../../corpus/record-appender.ts'
import type { Stage } from './scenario.ts'
import type { WatchedLink } from './watched-world.ts'

/** An application of the target reads what came from the source, and makes a record of its own of it, with all its headers. */
export const echo = (stage: Stage, link: WatchedLink, topic: string): Promise<void> =>
  stage.steps.show('an application on one side copies the headers of a copy into a record of its own', async (say) => {
    await untilReplicated({ ...link, topics: [topic] }, say)
    const copy = await firstRecord(link.target, topic, link.source.name)
    const headers = [...copy.headers.filter((header) => !isWriter(header)), writerHeader(link.target.name)]
    const appender = new RecordAppender(link.target)
    try {
      await appender.append(topic, 0, [{ ...copy, value: Buffer.from('an answer'), headers }], 'none')
    } finally {
      await appender.close()
    }
  })

/** How many records that makes. */
export const ECHOES = 1

const firstRecord = async (access: ClusterAccess, topic: string, writer: string): Promise<LogRecord> => {
  let found: LogRecord | undefined
  await readTopic(access, topic, (record) => {
    if (writerOf(record) === writer) found ??= record
    return undefined
  })
  if (found === undefined) throw new Error(`reading ${topic}: nothing there was written on ${writer}`)
  return found
}
