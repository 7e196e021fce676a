import type { LocalCluster } from '../../local/kafka/cluster.ts'
import type { User } from '../../local/kafka/cluster-login.ts'
import type { Secrets } from '../../shared/adapters/secrets/secrets.ts'
import type { KafkaAccess } from '../../shared/domain/kafka-access.ts'

/** How the product logs in to a secure cluster as one of its users. */
export const accessAs = (cluster: LocalCluster, user: User): { access: KafkaAccess; secrets: Secrets } => {
  const login = cluster.loginOf(user)
  if (login.kind === 'none') throw new Error(`${cluster.name} is not secure`)
  const { username, password, ca } = login
  return {
    access: {
      cluster: cluster.name,
      bootstrapServers: cluster.bootstrapServers,
      tls: true,
      caSecret: 'authority',
      login: { kind: 'scram-sha-512', secret: user },
    },
    secrets: {
      read: async (name) => JSON.stringify(name === 'authority' ? { certificate: ca } : { username, password }),
    },
  }
}
