import { isDeepStrictEqual } from 'node:util'
import { type GroupRecord, type GroupRecords, groupRecordName } from '../../shared/domain/groups/group-record.ts'
import type { GroupLedger } from '../../shared/usecases/groups/group-ports.ts'

/** What a link published for groups, in memory. The contract suite runs on it and on DynamoDB. */
export class FakeGroupLedger implements GroupLedger {
  readonly stored = new Map<string, GroupRecord>()
  /** How often each method was called. */
  readonly calls = { records: 0, remember: 0 }
  /** Thrown by the next calls, as by a table that cannot be read. */
  broken: Error | undefined

  async records(): Promise<GroupRecords> {
    this.calls.records += 1
    if (this.broken !== undefined) throw this.broken
    return new Map(this.stored)
  }

  async remember(
    targetTopic: string,
    group: string,
    from: GroupRecord | undefined,
    to: GroupRecord,
  ): Promise<'remembered' | 'moved'> {
    this.calls.remember += 1
    if (this.broken !== undefined) throw this.broken
    const name = groupRecordName(targetTopic, group)
    const now = this.stored.get(name)
    if (isDeepStrictEqual(now, to)) return 'remembered'
    if (!isDeepStrictEqual(now, from)) return 'moved'
    this.stored.set(name, to)
    return 'remembered'
  }
}
