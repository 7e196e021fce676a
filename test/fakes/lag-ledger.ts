import { lifeName } from '../../shared/domain/lag/ended-life.ts'
import type { LagMemory } from '../../shared/domain/lag/lag-memory.ts'
import { packLooks, unpackLooks } from '../../shared/domain/lag/packed-looks.ts'
import type { PartitionLook } from '../../shared/domain/lag/partition-look.ts'
import { partitionName } from '../../shared/domain/record.ts'
import type { LagLedger } from '../../shared/usecases/lag/lag-ports.ts'

/** What is remembered of lag, in memory; looks pass through the real packing. The contract suite runs on it and on DynamoDB. */
export class FakeLagLedger implements LagLedger {
  memory: LagMemory | undefined
  writes = 0

  async read(): Promise<LagMemory | undefined> {
    return this.memory
  }

  async remember(memory: LagMemory): Promise<'remembered' | 'superseded'> {
    this.writes++
    if (this.memory !== undefined && this.memory.at > memory.at) return 'superseded'
    const { looks, ended, ...rest } = memory
    const packed = (ones: Iterable<PartitionLook>) => unpackLooks(packLooks([...ones]))
    this.memory = {
      ...rest,
      looks: new Map(packed(looks.values()).map((one) => [partitionName(one), one])),
      ...(ended && ended.size > 0 && { ended: new Map(packed(ended.values()).map((one) => [lifeName(one), one])) }),
    }
    return 'remembered'
  }
}
