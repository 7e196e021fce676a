import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { ReplicationError } from '../../domain/errors.ts'
import type { ReportDocuments, ReportStore } from '../../usecases/failover/report-ports.ts'
import type { Deadline } from '../../usecases/ports.ts'

const FILES: Readonly<Record<keyof ReportDocuments, { readonly name: string; readonly type: string }>> = {
  json: { name: 'report.json', type: 'application/json' },
  page: { name: 'report.html', type: 'text/html; charset=utf-8' },
}

/** Reports under `reports/<execution>/` of the bucket of a failover. */
export const s3ReportStore = (s3: S3Client, bucket: string): ReportStore => ({
  keep: async (execution, documents, deadline) => {
    const keep = async (document: keyof ReportDocuments): Promise<string> => {
      const { name, type } = FILES[document]
      const Key = `reports/${execution}/${name}`
      const put = new PutObjectCommand({ Bucket: bucket, Key, Body: documents[document], ContentType: type })
      await unlessUnreachable(`keeping ${Key} in ${bucket}`, s3.send(put, { abortSignal: deadline.signal }))
      return `s3://${bucket}/${Key}`
    }
    return { json: await keep('json'), page: await keep('page') }
  },
})

/** The text of what lies at a place that `keep` has answered. */
export const fetchReport = async (s3: S3Client, place: string, { signal }: Deadline): Promise<string> => {
  const [, Bucket, Key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(place) ?? []
  const doing = `reading the report ${place}`
  if (Bucket === undefined || Key === undefined)
    throw new ReplicationError('REPORT_UNREACHABLE', `${doing}: it is no place in S3`)
  const got = s3.send(new GetObjectCommand({ Bucket, Key }), { abortSignal: signal })
  const { Body } = await unlessUnreachable(doing, got)
  return await unlessUnreachable(doing, Body?.transformToString() ?? Promise.reject(new Error('it is empty')))
}

const unlessUnreachable = async <Result>(doing: string, request: Promise<Result>): Promise<Result> => {
  try {
    return await request
  } catch (cause) {
    throw new ReplicationError('REPORT_UNREACHABLE', doing, { cause })
  }
}
