import type { QuotaHolder } from '../../../domain/access/client-quota.ts'
import type { RequestWriter } from './request-writer.ts'
import type { ResponseReader } from './response-reader.ts'

/** Who a quota binds, part by part; a name that is absent stands for whoever has none of their own. */
export type QuotaEntity = ReadonlyMap<string, string | undefined>

export const USER = 'user'
export const CLIENT_ID = 'client-id'

export const entityOf = ({ user, clientId }: QuotaHolder): QuotaEntity =>
  new Map([
    ...(user === undefined ? [] : [[USER, user] as const]),
    ...(clientId === undefined ? [] : [[CLIENT_ID, clientId] as const]),
  ])

export const writeEntity = (writer: RequestWriter, entity: QuotaEntity): RequestWriter =>
  writer.array([...entity], ([type, name]) =>
    name === undefined ? writer.string(type).nullString() : writer.string(type).string(name),
  )

export const readEntity = (reader: ResponseReader): QuotaEntity =>
  new Map(reader.array(() => [reader.string() ?? '', reader.string()] as const))
