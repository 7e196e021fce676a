import type { LocalCluster } from '../../local/kafka/cluster.ts'

/** What a cluster tells of itself, without one. */
export const runningCluster = (name: string): LocalCluster => ({
  name,
  clusterId: `${name}-id`,
  bootstrapServers: [`127.0.0.1:${9000 + name.length}`],
  login: { kind: 'none' },
  loginOf: () => ({ kind: 'none' }),
  caFile: undefined,
  brokers: [],
  stop: async () => undefined,
})
