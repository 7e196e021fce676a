import { FakeAccessLedger } from '../../fakes/access-ledger.ts'
import { FakeAclAdmin } from '../../fakes/acl-admin.ts'
import { FakeQuotaAdmin } from '../../fakes/quota-admin.ts'
import { accessLedgerContract } from '../../support/access-ledger-contract.ts'
import { describeAclAdmin } from '../../support/acl-admin-contract.ts'
import { describeQuotaAdmin } from '../../support/quota-admin-contract.ts'

describeAclAdmin('the ACL admin in memory', async () => ({ admin: new FakeAclAdmin('target') }))
describeQuotaAdmin('the quota admin in memory', async () => ({ admin: new FakeQuotaAdmin('target') }))
accessLedgerContract('the registry of rights in memory', async () => new FakeAccessLedger())
