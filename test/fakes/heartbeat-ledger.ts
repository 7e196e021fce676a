import type { Beat } from '../../shared/domain/heartbeat/beat.ts'
import type { HeartbeatLedger } from '../../shared/usecases/heartbeat/heartbeat-ports.ts'

/** What was beaten, in memory. The contract suite runs on it and on DynamoDB. */
export class FakeHeartbeatLedger implements HeartbeatLedger {
  kept: { readonly owner: string; readonly beat: Beat } | undefined

  async read(): Promise<Beat | undefined> {
    return this.kept?.beat
  }

  async remember(owner: string, beat: Beat): Promise<'remembered' | 'superseded'> {
    const { kept } = this
    const isFarther = kept === undefined || kept.beat.sequence < beat.sequence
    if (!isFarther && (kept.owner !== owner || kept.beat.sequence !== beat.sequence)) return 'superseded'
    this.kept = { owner, beat }
    return 'remembered'
  }
}
