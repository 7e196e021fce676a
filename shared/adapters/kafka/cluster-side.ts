import type { KafkaAccess } from '../../domain/kafka-access.ts'
import type { Secrets } from '../secrets/secrets.ts'
import { ClusterLogin } from './cluster-login.ts'
import { KafkaCluster } from './kafka-cluster.ts'
import { DEFAULT_TIMEOUTS, type KafkaTimeouts } from './kafka-timeouts.ts'

export interface ClusterSideOptions {
  readonly secrets: Secrets
  /** Which end of the link the cluster is: errors say so. */
  readonly side: 'source' | 'target'
  readonly timeouts?: Partial<KafkaTimeouts>
}

export interface ClusterSide {
  readonly cluster: KafkaCluster
  readonly login: ClusterLogin
}

const UNREACHABLE = { source: 'SOURCE_UNREACHABLE', target: 'TARGET_UNREACHABLE' } as const

/** The cluster at one end of a link; nothing is connected before it is asked. */
export const clusterSide = (access: KafkaAccess, { secrets, side, timeouts = {} }: ClusterSideOptions): ClusterSide => {
  const login = new ClusterLogin(access, secrets)
  const options = {
    clientId: 'twinshore',
    unreachable: UNREACHABLE[side],
    timeouts: { ...DEFAULT_TIMEOUTS, ...timeouts },
  }
  return { cluster: new KafkaCluster(access, login, options), login }
}
