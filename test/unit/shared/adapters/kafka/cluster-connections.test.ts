import { describe, expect, it } from 'vitest'
import { ClusterConnections } from '../../../../../shared/adapters/kafka/cluster-connections.ts'
import { ClusterLogin } from '../../../../../shared/adapters/kafka/cluster-login.ts'
import type { Secrets } from '../../../../../shared/adapters/secrets/secrets.ts'
import type { KafkaAccess } from '../../../../../shared/domain/kafka-access.ts'

const ADDRESS = '127.0.0.1:9'
const access: KafkaAccess = {
  cluster: 'paris',
  bootstrapServers: [ADDRESS],
  tls: false,
  login: { kind: 'scram-sha-512', secret: 'login' },
}

const connectionsWith = (secrets: Secrets): ClusterConnections =>
  new ClusterConnections(access, new ClusterLogin(access, secrets), {
    clientId: 'test',
    unreachable: 'SOURCE_UNREACHABLE',
    timeouts: { connectMs: 1_000, loginMs: 1_000 },
  })

describe('connecting while a secret does not come', () => {
  it('ends with the deadline, and whoever comes next tries anew', async () => {
    const refusal = () => Promise.reject(new Error('no such secret'))
    let answer = (): Promise<string> => new Promise(() => undefined)
    const connections = connectionsWith({ read: () => answer() })
    const connecting = connections.to(ADDRESS, [AbortSignal.timeout(50)])
    await expect(connecting).rejects.toMatchObject({ code: 'SOURCE_UNREACHABLE' })
    answer = refusal
    await expect(connections.to(ADDRESS, [])).rejects.toMatchObject({ code: 'LOGIN_REFUSED' })
  })

  it('is not begun at all after the deadline', async () => {
    const connections = connectionsWith({ read: () => new Promise(() => undefined) })
    await expect(connections.to(ADDRESS, [AbortSignal.abort()])).rejects.toMatchObject({ code: 'SOURCE_UNREACHABLE' })
  })
})
