import { describe, expect, it } from 'vitest'
import { FakeTopicAdmin } from '../../fakes/topic-admin.ts'
import { inTime } from '../../support/target-log-contract.ts'
import { describeTopicAdmin, newTopic } from '../../support/topic-admin-contract.ts'

describeTopicAdmin('the fake', async () => {
  const admin = new FakeTopicAdmin()
  const requests = (): number => Object.values(admin.requests).reduce((sum, count) => sum + count, 0)
  return { admin, requests, many: 1_000, brokers: admin.brokers }
})

describe('the fake topic admin', () => {
  it('refuses what a test wants to be refused, and only that', async () => {
    const admin = new FakeTopicAdmin('source')
    admin.refuse('create', 'orders', 'TOPIC_DENIED')
    const answers = await admin.create([newTopic('orders'), newTopic('customers')], inTime())
    expect(answers.get('orders')).toMatchObject({ code: 'TOPIC_DENIED' })
    expect(answers.get('customers')).toBe('created')
    expect(admin.changes).toEqual(['create customers'])
    admin.accept('create', 'orders')
    expect((await admin.create([newTopic('orders')], inTime())).get('orders')).toBe('created')
  })

  it('leaves out what may not be described, unless it is named, and keeps what is sensitive', async () => {
    const admin = new FakeTopicAdmin('source')
    admin.put('hidden')
    admin.put('broken')
    admin.hidden.add('hidden')
    admin.broken.add('broken')
    admin.sensitive.add('retention.ms')
    expect([...(await admin.describe(inTime())).undescribed.keys()]).toEqual(['broken'])
    const { topics, undescribed } = await admin.describe(inTime(), ['hidden'])
    expect([...topics]).toEqual([])
    expect(undescribed.get('hidden')).toMatchObject({ code: 'TOPIC_DENIED' })
    const settings = (await admin.settings(['broken'], inTime())).get('broken')
    const secret = settings instanceof Map ? settings.get('retention.ms') : undefined
    expect(secret).toEqual({ origin: 'inherited', sensitive: true, readOnly: false })
  })

  it('is unreachable when a test says so', async () => {
    const admin = new FakeTopicAdmin('source')
    admin.reachable = false
    await expect(admin.describe(inTime())).rejects.toMatchObject({ code: 'SOURCE_UNREACHABLE' })
  })
})
