import type { FenceChoice, SwitchChoice } from '../domain/failover/failover-choice.ts'
import type { FailoverCluster } from '../domain/failover/failover-order.ts'
import { aclFence } from '../usecases/failover/acl-fence.ts'
import type { ClientSwitch, Fence } from '../usecases/failover/fence-ports.ts'
import { noFence, noSwitch } from '../usecases/failover/no-fence.ts'
import { pointerFence, pointerSwitch } from '../usecases/failover/pointer-fence.ts'
import { userFence, userSwitch } from '../usecases/failover/user-fence.ts'
import { accessLedger } from './dynamodb/access-ledger.ts'
import { FENCES_KEY } from './dynamodb/item-keys.ts'
import type { LinkTable } from './dynamodb/link-table.ts'
import { AccessCluster } from './kafka/access-cluster.ts'
import { ClusterLogin } from './kafka/cluster-login.ts'
import { KafkaAclAdmin } from './kafka/kafka-acl-admin.ts'
import { KafkaWriteProbe } from './kafka/kafka-write-probe.ts'
import { eitherFunction, userFunction } from './lambda/user-function.ts'
import type { Secrets } from './secrets/secrets.ts'
import { createSsmClient, parameterPointer } from './ssm/parameter-pointer.ts'

export interface FencedCluster {
  readonly cluster: FailoverCluster
  /** The other one of the pair: functions that fence are in its region. */
  readonly other: FailoverCluster
  readonly side: 'source' | 'target'
  /** The table of the link that leads away from the cluster, where denials are registered. */
  readonly table: LinkTable
  readonly tableMayBeGone?: true
  readonly secrets: Secrets
  /** Told of every connection, for whoever closes them. */
  readonly opened: (connection: { close(): void }) => void
}

/** The fences of a cluster, as the topology has them; nothing is connected before it is used. */
export const connectFence = (choice: FenceChoice, fenced: FencedCluster): Fence => {
  const { cluster, other, side } = fenced
  switch (choice.kind) {
    case 'acl':
      return connectAclFence(choice, fenced)
    case 'parameter':
      return pointerFence({ places: [other, cluster].map((one) => pointerIn(one, choice.name)), from: cluster })
    case 'function':
      return userFence(side === 'source' ? userFunction(choice.name, other.region) : lifting(choice.name, fenced))
    case 'none':
      return noFence
  }
}

/** Tells clients that look in the region of `where` that `to` is the active cluster. */
export const connectSwitch = (choice: SwitchChoice, where: FailoverCluster, to: FailoverCluster): ClientSwitch => {
  switch (choice.kind) {
    case 'parameter':
      return pointerSwitch(pointerIn(where, choice.name), to)
    case 'function':
      return userSwitch(userFunction(choice.name, where.region))
    case 'none':
      return noSwitch
  }
}

/** Of the cluster that takes over: the region of the other one, where its fence was made, may be gone. */
const lifting = (name: string, { cluster, other }: FencedCluster) =>
  eitherFunction(userFunction(name, cluster.region), userFunction(name, other.region))

const pointerIn = ({ region }: FailoverCluster, parameter: string) =>
  parameterPointer(createSsmClient({ region }), parameter, region)

const connectAclFence = (
  { principals, probe }: Extract<FenceChoice, { kind: 'acl' }>,
  { cluster, side, table, tableMayBeGone, secrets, opened }: FencedCluster,
): Fence => {
  const { access } = cluster
  const admin = new AccessCluster(access, { secrets, side })
  opened(admin)
  const login = new ClusterLogin(access, secrets)
  const writer = probe && new KafkaWriteProbe({ ...access, login: probe }, { secrets })
  if (writer !== undefined) opened(writer)
  return aclFence({
    cluster: cluster.cluster,
    principals,
    acls: new KafkaAclAdmin(admin),
    registry: accessLedger(table, FENCES_KEY),
    ...(tableMayBeGone && { registryMayBeGone: true }),
    ownPrincipal: () => login.principal(),
    clock: Date,
    ...(writer && { probe: writer }),
  })
}
