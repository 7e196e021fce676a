import { beforeEach, describe, expect, it } from 'vitest'
import { countRecords } from '../../../../../shared/usecases/failover/counted-rest.ts'
import type { LogRead } from '../../../../../shared/usecases/log-ports.ts'
import { FakeLogReader } from '../../../../fakes/log-reader.ts'
import { inTime } from '../../../../support/in-time.ts'

const ORDERS = { topic: 'orders', partition: 0 }
const RECORD = { timestamp: 0, key: null, value: null, headers: [] }

let log: FakeLogReader
beforeEach(() => {
  log = new FakeLogReader()
  log.createTopic('orders')
})

const count = (from: bigint, to: bigint, maxReads = 100) => countRecords(ORDERS, { from, to, maxReads }, inTime(), log)
const append = (records: number) => log.append(ORDERS, ...Array.from({ length: records }, () => RECORD))

describe('the records of a stretch of a log', () => {
  it('are counted from its first offset to the one before its end', async () => {
    append(30)
    expect(await count(0n, 30n)).toEqual({ records: 30, offsets: 0n })
    expect(await count(9n, 10n)).toEqual({ records: 1, offsets: 0n })
    expect(await count(8n, 13n)).toEqual({ records: 5, offsets: 0n })
    expect(await count(13n, 13n)).toEqual({ records: 0, offsets: 0n })
    expect(await count(14n, 13n)).toEqual({ records: 0, offsets: 0n })
  })

  it('are neither markers nor what was aborted', async () => {
    log.appendTransaction(ORDERS, 'commit', RECORD, RECORD)
    log.appendTransaction(ORDERS, 'abort', RECORD)
    log.appendMarker(ORDERS)
    expect(await count(0n, 6n)).toEqual({ records: 2, offsets: 0n })
  })

  it('are those that retention has left', async () => {
    append(20)
    log.deleteBelow(ORDERS, 15n)
    expect(await count(3n, 20n)).toEqual({ records: 5, offsets: 0n })
    expect(await count(15n, 20n)).toEqual({ records: 5, offsets: 0n })
  })

  it('end where the log does, and what would follow is not known', async () => {
    append(3)
    expect(await count(4n, 9n)).toEqual({ records: 0, offsets: 5n })
    log.appendTransaction(ORDERS, 'open', RECORD)
    expect(await count(0n, 4n)).toEqual({ records: 3, offsets: 1n })
  })

  it('are left uncounted after so many reads', async () => {
    append(30)
    const { offsets, records } = await count(0n, 30n, 2)
    expect([log.reads, BigInt(records) + offsets, offsets > 0n]).toEqual([2, 30n, true])
    log.reads = 0
    expect(await count(0n, 30n, 0)).toEqual({ records: 0, offsets: 30n })
  })

  it('are asked for again where a leader brings nothing at first, and not for ever', async () => {
    append(2)
    let empty = 2
    const reads: bigint[] = []
    const slow = {
      read: async (...args: Parameters<FakeLogReader['read']>): Promise<LogRead> => {
        reads.push(args[1])
        return empty-- > 0 ? { kind: 'read', records: [], recordless: [], next: args[1] } : await log.read(...args)
      },
    }
    const ask = () => countRecords(ORDERS, { from: 0n, to: 2n, maxReads: 100 }, inTime(), slow)
    expect([await ask(), reads.length]).toEqual([{ records: 2, offsets: 0n }, 3])
    ;[empty, reads.length] = [100, 0]
    expect([await ask(), reads.length]).toEqual([{ records: 0, offsets: 2n }, 3])
  })
})
