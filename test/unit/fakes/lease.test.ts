import { FakeLease } from '../../fakes/lease.ts'
import { leaseContract } from '../../support/lease-contract.ts'

leaseContract('the lease in memory', async () => new FakeLease())
