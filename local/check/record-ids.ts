import type { ClusterAccess } from './broker-connections.ts'
import { readTopic } from './log-reader.ts'

/** The keys of all records of a topic, by which applications know them, in no order. */
export const recordIds = async (access: ClusterAccess, topic: string): Promise<readonly string[]> => {
  const ids: string[] = []
  await readTopic(access, topic, ({ key }) => {
    ids.push(key?.toString() ?? '')
    return undefined
  })
  return ids
}
