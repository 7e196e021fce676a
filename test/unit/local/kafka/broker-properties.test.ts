import { describe, expect, it } from 'vitest'
import { type BrokerPlace, brokerProperties, formatProperties } from '../../../../local/kafka/broker-properties.ts'
import { createSecrets } from '../../../../local/kafka/cluster-login.ts'

const place = (id: number): BrokerPlace => ({
  id,
  port: 9000 + id,
  controllerPort: 9100 + id,
  folder: `/w/broker-${id}`,
})
const three = [place(1), place(2), place(3)] as const
const secrets = createSecrets('source', Date.now())

describe('the properties of a broker', () => {
  it('let one broker work alone', () => {
    const properties = brokerProperties(place(1), [place(1)], undefined, {})
    expect(properties).toMatchObject({
      'controller.quorum.voters': '1@127.0.0.1:9101',
      'offsets.topic.replication.factor': '1',
      'transaction.state.log.min.isr': '1',
      'min.insync.replicas': '1',
      'listener.security.protocol.map': 'CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    })
    expect(properties).not.toHaveProperty('authorizer.class.name')
  })

  it('let three brokers do without one of them', () => {
    expect(brokerProperties(place(2), three, undefined, {})).toMatchObject({
      'node.id': '2',
      'controller.quorum.voters': '1@127.0.0.1:9101,2@127.0.0.1:9102,3@127.0.0.1:9103',
      'default.replication.factor': '3',
      'min.insync.replicas': '2',
      'advertised.listeners': 'CLIENT://127.0.0.1:9002',
    })
  })

  it('admit nobody unknown when the cluster is secure', () => {
    expect(brokerProperties(place(1), three, secrets, {})).toMatchObject({
      'listener.security.protocol.map': 'CLIENT:SASL_SSL,CONTROLLER:SSL',
      'listener.name.controller.ssl.client.auth': 'required',
      'super.users': 'User:admin;User:CN=broker',
    })
  })

  it('say in which rack it stands, where it has one', () => {
    const placed = { ...place(2), rack: 'zone-b' }
    expect(brokerProperties(placed, three, undefined, {})).toHaveProperty(['broker.rack'], 'zone-b')
    expect(brokerProperties(place(2), three, undefined, {})).not.toHaveProperty(['broker.rack'])
  })

  it('leave the last word to the caller', () => {
    expect(brokerProperties(place(1), three, undefined, { 'min.insync.replicas': '3' })['min.insync.replicas']).toBe(
      '3',
    )
  })

  it('are one line each, certificates among them', () => {
    const properties = brokerProperties(place(1), three, secrets, {})
    const lines = formatProperties(properties).trimEnd().split('\n')
    expect(lines).toHaveLength(Object.keys(properties).length)
    expect(lines.find((line) => line.startsWith('ssl.truststore.certificates='))).toMatch(/BEGIN CERTIFICATE-----\\n/)
  })
})
