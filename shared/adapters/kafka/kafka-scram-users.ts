import type { ScramNames } from '../../domain/access/access-facts.ts'
import type { ScramUsers } from '../../usecases/access/access-ports.ts'
import type { Deadline } from '../../usecases/ports.ts'
import type { AccessCluster, AccessErrand } from './access-cluster.ts'
import { describeUserScramCredentialsRequest } from './requests/describe-user-scram-credentials-request.ts'

const ASKING: AccessErrand = { doing: 'asking who has a password', operation: 'DESCRIBE' }

/** Who has a password on a Kafka cluster. */
export class KafkaScramUsers implements ScramUsers {
  readonly #cluster: AccessCluster

  constructor(cluster: AccessCluster) {
    this.#cluster = cluster
  }

  async known(among: readonly string[], deadline: Deadline): Promise<ScramNames> {
    if (among.length === 0) return { kind: 'told', users: new Set() }
    const { users, ...reply } = await this.#cluster.ask(describeUserScramCredentialsRequest(among), ASKING, deadline)
    const error = await this.#cluster.errorOf(reply, ASKING)
    if (error === undefined) return { kind: 'told', users: new Set(users) }
    if (error.code !== 'ACCESS_DENIED' && error.code !== 'ACCESS_REFUSED') throw error
    return { kind: 'untold', because: error.message }
  }
}
