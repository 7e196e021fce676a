import { Admin } from '@platformatic/kafka'
import type { ClusterAccess } from '../check/broker-connections.ts'
import { clientOptions } from './local-topics.ts'

/** By partition, where a group resumes; partitions without a position are absent. */
export type GroupCommits = ReadonlyMap<number, bigint>

/** The positions of groups, asked and set by a client that shares nothing with the product. */
export class GroupCommitter {
  readonly #admin: Admin

  constructor(access: ClusterAccess) {
    this.#admin = new Admin(clientOptions(access))
  }

  /** By topic, as a consumer of the group would commit; the group has to be without members. */
  async commit(group: string, offsets: ReadonlyMap<string, GroupCommits>): Promise<void> {
    const topics = [...offsets].map(([name, commits]) => ({
      name,
      partitionOffsets: [...commits].map(([partition, offset]) => ({ partition, offset })),
    }))
    await this.#admin.alterConsumerGroupOffsets({ groupId: group, topics })
  }

  async committed(group: string, topic: string): Promise<GroupCommits> {
    const [found] = await this.#admin.listConsumerGroupOffsets({ groups: [group] })
    const partitions = found?.topics.find(({ name }) => name === topic)?.partitions ?? []
    return new Map(
      partitions.flatMap(({ partitionIndex, committedOffset }) =>
        committedOffset < 0n ? [] : [[partitionIndex, committedOffset] as const],
      ),
    )
  }

  async close(): Promise<void> {
    await this.#admin.close()
  }
}
