import { S3Client } from '@aws-sdk/client-s3'
import { describe, expect, it } from 'vitest'
import { fetchReport, s3ReportStore } from '../../../../../shared/adapters/s3/report-store.ts'
import { inTime } from '../../../../support/in-time.ts'

/** A bucket in memory. */
const bucket = () => {
  const objects = new Map<string, { readonly Body: string; readonly ContentType: string }>()
  const client = new S3Client({ region: 'eu-west-1' })
  client.send = async ({ input }: { readonly input: Record<string, string> }) => {
    const { Bucket, Key, Body, ContentType = '' } = input
    const place = `${Bucket}/${Key}`
    if (Body !== undefined) return objects.set(place, { Body, ContentType })
    const found = objects.get(place)
    if (found === undefined) throw new Error('NoSuchKey')
    return { Body: { transformToString: async () => found.Body } }
  }
  return { client, objects }
}

describe('the reports of a failover in S3', () => {
  it('are read back from where they are said to be, and kept once however often', async () => {
    const { client, objects } = bucket()
    const store = s3ReportStore(client, 'b')
    await store.keep('one', { json: 'old', page: 'old' }, inTime())
    const places = await store.keep('one', { json: '{}', page: '<p>' }, inTime())
    expect(places).toEqual({ json: 's3://b/reports/one/report.json', page: 's3://b/reports/one/report.html' })
    expect(objects.get('b/reports/one/report.html')).toEqual({ Body: '<p>', ContentType: 'text/html; charset=utf-8' })
    expect(objects.size).toBe(2)
    expect(await fetchReport(client, places.json, inTime())).toBe('{}')
  })

  it.each(['s3://b/reports/two/report.json', 'somewhere'])('are told to be out of reach: %s', async (place) => {
    await expect(fetchReport(bucket().client, place, inTime())).rejects.toThrow('REPORT_UNREACHABLE')
  })
})
