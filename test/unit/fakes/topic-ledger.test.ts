import { FakeTopicLedger } from '../../fakes/topic-ledger.ts'
import { topicLedgerContract } from '../../support/topic-ledger-contract.ts'

topicLedgerContract('the topic ledger in memory', async () => new FakeTopicLedger())
