import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { connect as connectTls, createServer, type TLSSocket } from 'node:tls'
import { describe, expect, it } from 'vitest'
import { certify, createAuthority } from '../../../../local/kafka/certificates.ts'

const NOW = Date.now()
const authority = createAuthority('twinshore local source', NOW)
const broker = certify('broker', 'twinshore local source', authority, NOW)

describe('a certificate of our own', () => {
  it('is signed by its authority, for the loopback address', () => {
    const [ca, certificate] = [new X509Certificate(authority.certificate), new X509Certificate(broker.certificate)]
    expect(certificate.verify(ca.publicKey)).toBe(true)
    expect(certificate.checkIssued(ca)).toBe(true)
    expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1')
    expect(certificate.checkIP('127.0.0.2')).toBeUndefined()
    expect(certificate.subject).toBe('CN=broker')
    expect([ca.ca, certificate.ca]).toEqual([true, false])
  })

  it('is valid now and for years', () => {
    const { validFromDate, validToDate } = new X509Certificate(broker.certificate)
    expect(validFromDate.getTime()).toBeLessThan(NOW)
    expect(validToDate.getTime()).toBeGreaterThan(NOW + 3 * 365 * 86_400_000)
  })

  it('serves TLS to those who trust the authority, and to nobody else', async () => {
    const server = createServer({ cert: broker.certificate, key: broker.key }, (socket) => socket.end())
    server.on('tlsClientError', () => undefined).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const connect = (ca: string): TLSSocket => connectTls({ host: '127.0.0.1', port, ca })
    const trusted = connect(authority.certificate)
    await once(trusted, 'secureConnect')
    trusted.destroy()
    const stranger = createAuthority('twinshore local source', NOW)
    await expect(once(connect(stranger.certificate), 'secureConnect')).rejects.toThrow()
    server.close()
  })

  it('has a number of its own', () => {
    const other = certify('broker', 'twinshore local source', authority, NOW)
    const [one, two] = [broker, other].map(({ certificate }) => new X509Certificate(certificate).serialNumber)
    expect(one).not.toBe(two)
  })
})
