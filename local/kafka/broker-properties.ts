import { BROKER_PRINCIPAL, type ClusterSecrets } from './cluster-login.ts'

/** One broker, which is a controller too. */
export interface BrokerPlace {
  readonly id: number
  readonly port: number
  readonly controllerPort: number
  readonly folder: string
  /** @default none */
  readonly rack?: string
}

export type Properties = Readonly<Record<string, string>>

const SMALL: Properties = {
  'auto.create.topics.enable': 'false',
  'num.partitions': '1',
  'offsets.topic.num.partitions': '4',
  'transaction.state.log.num.partitions': '4',
  'share.coordinator.state.topic.num.partitions': '4',
  'group.initial.rebalance.delay.ms': '0',
  'log.cleaner.dedupe.buffer.size': '4194304',
}

/** With three brokers, one may be away and acks=all still succeeds. */
const replication = (brokers: number): Properties => {
  const replicas = String(Math.min(3, brokers))
  const inSync = brokers < 3 ? '1' : '2'
  return {
    'default.replication.factor': replicas,
    'min.insync.replicas': inSync,
    'offsets.topic.replication.factor': replicas,
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': inSync,
    'share.coordinator.state.topic.replication.factor': replicas,
    'share.coordinator.state.topic.min.isr': inSync,
  }
}

const network = (broker: BrokerPlace, all: readonly BrokerPlace[], protocols: string): Properties => ({
  'process.roles': 'broker,controller',
  'node.id': String(broker.id),
  'log.dirs': `${broker.folder}/data`,
  'controller.quorum.voters': all.map(({ id, controllerPort }) => `${id}@127.0.0.1:${controllerPort}`).join(','),
  listeners: `CLIENT://127.0.0.1:${broker.port},CONTROLLER://127.0.0.1:${broker.controllerPort}`,
  'advertised.listeners': `CLIENT://127.0.0.1:${broker.port}`,
  'listener.security.protocol.map': protocols,
  'controller.listener.names': 'CONTROLLER',
  'inter.broker.listener.name': 'CLIENT',
  ...(broker.rack !== undefined && { 'broker.rack': broker.rack }),
})

const onOneLine = (pem: string): string => pem.trimEnd().replaceAll('\n', '\\n')

/** Brokers log in to each other as admin; controllers, which SCRAM cannot serve, know each other by certificate. */
const security = ({ ca, broker, passwords }: ClusterSecrets): Properties => ({
  'ssl.keystore.type': 'PEM',
  'ssl.keystore.certificate.chain': onOneLine(broker.certificate),
  'ssl.keystore.key': onOneLine(broker.key),
  'ssl.truststore.type': 'PEM',
  'ssl.truststore.certificates': onOneLine(ca),
  'listener.name.controller.ssl.client.auth': 'required',
  'sasl.enabled.mechanisms': 'SCRAM-SHA-512',
  'sasl.mechanism.inter.broker.protocol': 'SCRAM-SHA-512',
  'listener.name.client.scram-sha-512.sasl.jaas.config': `org.apache.kafka.common.security.scram.ScramLoginModule required username="admin" password="${passwords.admin}";`,
  'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
  'super.users': `User:admin;${BROKER_PRINCIPAL}`,
})

/** The whole `server.properties` of a broker; `own` has the last word. */
export const brokerProperties = (
  broker: BrokerPlace,
  all: readonly BrokerPlace[],
  secrets: ClusterSecrets | undefined,
  own: Properties,
): Properties => ({
  ...SMALL,
  ...replication(all.length),
  ...(secrets === undefined
    ? network(broker, all, 'CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT')
    : { ...network(broker, all, 'CLIENT:SASL_SSL,CONTROLLER:SSL'), ...security(secrets) }),
  ...own,
})

/** As `java.util.Properties` reads it; `\n` inside a value is a line break to it. */
export const formatProperties = (properties: Properties): string =>
  Object.entries(properties)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
