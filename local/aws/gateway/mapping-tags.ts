import { type AwsRequest, type AwsResponse, jsonResponse } from './exchange.ts'
import { fieldsOf } from './mapping-api.ts'
import { type Mapping, mappingArn, tagsOf } from './mapping-configuration.ts'
import type { Mappings } from './mappings.ts'

const TAGS_PATH = /^\/2017-03-31\/tags\/([^/?]+)/

/** Lambda's API of tags, for the mappings that are ours; undefined for whatever else has tags. */
export const answerTagRequest = (request: AwsRequest, mappings: Mappings): AwsResponse | undefined => {
  const arn = decodeURIComponent(TAGS_PATH.exec(request.path)?.[1] ?? '')
  const mapping = mappings.list().find((one) => mappingArn(one) === arn)
  if (mapping === undefined) return undefined
  switch (request.method) {
    case 'GET':
      return jsonResponse(200, { Tags: mapping.tags })
    case 'POST':
      mappings.tag(mapping.uuid, { ...mapping.tags, ...tagsOf(fieldsOf(request)) })
      return NOTHING
    case 'DELETE':
      mappings.tag(mapping.uuid, without(mapping, new URL(request.path, 'http://gateway').searchParams))
      return NOTHING
    default:
      return undefined
  }
}

const NOTHING: AwsResponse = { status: 204, headers: {}, body: Buffer.alloc(0) }

const without = ({ tags }: Mapping, query: URLSearchParams): Mapping['tags'] => {
  const gone = query.getAll('tagKeys')
  return Object.fromEntries(Object.entries(tags).filter(([key]) => !gone.includes(key)))
}
