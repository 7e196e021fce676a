import { isDeepStrictEqual } from 'node:util'
import type { TopicRecord } from '../../shared/domain/topics/topic-record.ts'
import type { TopicLedger } from '../../shared/usecases/topics/topic-ports.ts'

/** The topics of one link in memory. The contract suite runs on it and on DynamoDB. */
export class FakeTopicLedger implements TopicLedger {
  readonly records = new Map<string, TopicRecord>()

  async topics(): Promise<ReadonlyMap<string, TopicRecord>> {
    return new Map(this.records)
  }

  async remember(topic: string, from: TopicRecord | undefined, to: TopicRecord): Promise<'remembered' | 'moved'> {
    const now = this.records.get(topic)
    if (isDeepStrictEqual(now, to)) return 'remembered'
    if (!isDeepStrictEqual(now, from)) return 'moved'
    this.records.set(topic, to)
    return 'remembered'
  }
}
