/** The parts of kafkajs 2.2.4 (pinned exactly) that open a connection and log in; kafkajs publishes no types for them. */

declare module 'kafkajs/src/network/connectionPool.js' {
  import type { Socket } from 'node:net'
  import type { ConnectionOptions } from 'node:tls'
  import type { Logger, SASLOptions } from 'kafkajs'

  interface RequestQueue {
    readonly pending: readonly unknown[]
    scheduleCheckPendingRequests(): void
    destroy(): void
  }

  interface Connection {
    readonly socket: Socket
    readonly requestQueue: RequestQueue
    /** Milliseconds after which the broker wants another login; 0: never. */
    readonly sessionLifetime: { toNumber(): number }
  }

  interface ConnectionPoolOptions {
    readonly host: string
    readonly port: number
    readonly clientId: string
    readonly connectionTimeout: number
    readonly requestTimeout: number
    readonly enforceRequestTimeout: boolean
    readonly ssl?: ConnectionOptions
    readonly sasl?: SASLOptions
    readonly logger: Logger
    readonly socketFactory: (target: {
      host: string
      port: number
      ssl?: ConnectionOptions
      onConnect(): void
    }) => Socket
  }

  class ConnectionPool {
    constructor(options: ConnectionPoolOptions)
    readonly pool: readonly [Connection, Connection]
  }
  // biome-ignore lint/style/noDefaultExport: this is how a CommonJS module looks from here
  export default ConnectionPool
}

declare module 'kafkajs/src/broker/index.js' {
  import type { Logger } from 'kafkajs'
  import type ConnectionPool from 'kafkajs/src/network/connectionPool.js'

  class Broker {
    constructor(options: {
      readonly connectionPool: ConnectionPool
      readonly logger: Logger
      readonly authenticationTimeout: number
      readonly allowAutoTopicCreation: boolean
    })
    /** What the broker speaks, by API number; known once connected. */
    readonly versions: Readonly<Record<number, { minVersion: number; maxVersion: number }>>
    connect(): Promise<void>
  }
  // biome-ignore lint/style/noDefaultExport: this is how a CommonJS module looks from here
  export default Broker
}
