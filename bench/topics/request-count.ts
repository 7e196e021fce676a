import { LambdaClient } from '@aws-sdk/client-lambda'
import { TableRequests } from '../../shared/adapters/dynamodb/table-requests.ts'
import { BrokerConnection } from '../../shared/adapters/kafka/broker-connection.ts'

/** Requests of this process by kind, as in `Metadata` or `PutItem`; those that were sent again count again. */
export class RequestCount {
  #counts = new Map<string, number>()

  /** From now on every request to Kafka, DynamoDB and Lambda passes by here. */
  constructor() {
    this.#watch(BrokerConnection.prototype, 'request', ({ name }: { readonly name: string }) => name)
    this.#watch(TableRequests.prototype, 'send', (operation: string) => operation)
    this.#watch(LambdaClient.prototype, 'send', (command: object) => command.constructor.name.replace(/Command$/, ''))
  }

  /** Since the last call. */
  take(): Readonly<Record<string, number>> {
    const counts = this.#counts
    this.#counts = new Map()
    return Object.fromEntries(counts)
  }

  #watch<Request>(owner: object, method: string, kindOf: (request: Request) => string): void {
    const count = (request: Request): void => {
      const kind = kindOf(request)
      this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1)
    }
    const send: (...args: unknown[]) => unknown = Reflect.get(owner, method)
    Reflect.set(owner, method, function (this: unknown, ...args: unknown[]) {
      count(args[0] as Request)
      return send.apply(this, args)
    })
  }
}
