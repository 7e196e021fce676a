import { ReplicationError } from '../../domain/errors.ts'

/** Kafka's own words for a login that it does not accept, as kafkajs names them. */
const REFUSALS = new Set(['SASL_AUTHENTICATION_FAILED', 'UNSUPPORTED_SASL_MECHANISM', 'ILLEGAL_SASL_STATE'])

/** What Node and OpenSSL say of certificates, the other side's or ours. */
const CERTIFICATE = /^(ERR_SSL|ERR_TLS|ERR_OSSL|CERT_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_(GET|VERIFY)|HOSTNAME_MISMATCH)/

/** Whether a connection failed because of who we are, or whom we trust, and not because of the way there. */
export const isLoginRefusal = (error: unknown): boolean => {
  if (error instanceof ReplicationError) return error.code === 'LOGIN_REFUSED'
  if (!(error instanceof Error)) return false
  if (error.name === 'KafkaJSSASLAuthenticationError') return true
  if ('type' in error && REFUSALS.has(String(error.type))) return true
  return 'code' in error && CERTIFICATE.test(String(error.code))
}
