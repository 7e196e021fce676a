import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'

/** Everything PEM; `key` is PKCS#8 without a password. */
export interface Certified {
  readonly certificate: string
  readonly key: string
}

/** Node can sign bytes but not write certificates. What follows is the little DER (ITU-T X.690) that RFC 5280 needs. */
const tagged = (tag: number, ...parts: readonly Buffer[]): Buffer => {
  const content = Buffer.concat(parts)
  return Buffer.concat([Buffer.from([tag]), lengthOf(content), content])
}
const lengthOf = ({ length }: Buffer): Buffer => {
  if (length < 128) return Buffer.from([length])
  const digits = Buffer.from(length.toString(16).padStart(length > 255 ? 4 : 2, '0'), 'hex')
  return Buffer.concat([Buffer.from([0x80 | digits.length]), digits])
}
const sequence = (...parts: readonly Buffer[]): Buffer => tagged(0x30, ...parts)
const boolean = (value: boolean): Buffer => tagged(0x01, Buffer.from([value ? 0xff : 0]))
const objectId = (hex: string): Buffer => tagged(0x06, Buffer.from(hex, 'hex'))
const octets = (content: Buffer): Buffer => tagged(0x04, content)
const bits = (content: Buffer): Buffer => tagged(0x03, Buffer.from([0]), content)

const COMMON_NAME = objectId('550403')
const BASIC_CONSTRAINTS = objectId('551d13')
const SUBJECT_ALTERNATIVE_NAME = objectId('551d11')
const ECDSA_WITH_SHA256 = sequence(objectId('2a8648ce3d040302'))
const VERSION_3 = tagged(0xa0, tagged(0x02, Buffer.from([2])))

const DAY_MS = 86_400_000
const VALID_DAYS = 3650

const nameOf = (commonName: string): Buffer =>
  sequence(tagged(0x31, sequence(COMMON_NAME, tagged(0x0c, Buffer.from(commonName)))))

const timeOf = (at: number): Buffer =>
  tagged(0x18, Buffer.from(`${new Date(at).toISOString().replaceAll(/[-:T]|\.\d+/g, '')}`))

/** Positive and without leading zeros, as DER wants it. */
const serialNumber = (): Buffer => tagged(0x02, Buffer.concat([Buffer.from([0x40]), randomBytes(15)]))

const AUTHORITY_EXTENSION = sequence(BASIC_CONSTRAINTS, boolean(true), octets(sequence(boolean(true))))

/** Valid for 127.0.0.1 and localhost. */
const LOOPBACK_EXTENSION = sequence(
  SUBJECT_ALTERNATIVE_NAME,
  octets(sequence(tagged(0x87, Buffer.from([127, 0, 0, 1])), tagged(0x82, Buffer.from('localhost')))),
)

interface Subject {
  readonly commonName: string
  readonly publicKey: KeyObject
  readonly extension: Buffer
}

const sealCertificate = (subject: Subject, issuer: string, issuerKey: KeyObject, now: number): string => {
  const toSign = sequence(
    VERSION_3,
    serialNumber(),
    ECDSA_WITH_SHA256,
    nameOf(issuer),
    sequence(timeOf(now - DAY_MS), timeOf(now + VALID_DAYS * DAY_MS)),
    nameOf(subject.commonName),
    subject.publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(subject.extension)),
  )
  const der = sequence(toSign, ECDSA_WITH_SHA256, bits(sign('sha256', toSign, issuerKey)))
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
}

const newKey = (): { publicKey: KeyObject; privateKey: KeyObject; pem: string } => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { publicKey, privateKey, pem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() }
}

/** A certificate authority of its own, for one local cluster. */
export const createAuthority = (commonName: string, now: number): Certified => {
  const { publicKey, privateKey, pem } = newKey()
  const subject = { commonName, publicKey, extension: AUTHORITY_EXTENSION }
  return { certificate: sealCertificate(subject, commonName, privateKey, now), key: pem }
}

/** A certificate for 127.0.0.1, good for servers and for clients; Kafka's principal of it is `User:CN=<commonName>`. */
export const certify = (commonName: string, authorityName: string, authority: Certified, now: number): Certified => {
  const { publicKey, pem } = newKey()
  const subject = { commonName, publicKey, extension: LOOPBACK_EXTENSION }
  return { certificate: sealCertificate(subject, authorityName, createPrivateKey(authority.key), now), key: pem }
}
