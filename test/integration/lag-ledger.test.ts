import { lagLedger } from '../../shared/adapters/dynamodb/lag-ledger.ts'
import { lease } from '../../shared/adapters/dynamodb/lease.ts'
import { LinkTable } from '../../shared/adapters/dynamodb/link-table.ts'
import { lagLedgerContract } from '../support/lag-ledger-contract.ts'
import { leaseContract } from '../support/lease-contract.ts'
import { dynamoDbForTests } from '../support/local-dynamodb.ts'

const { client, newTable } = dynamoDbForTests()
const open = async () => new LinkTable({ client: client(), name: await newTable() })

lagLedgerContract('the lag ledger in DynamoDB', async () => lagLedger(await open()))
leaseContract('the lease in DynamoDB', async () => lease(await open(), 'measure-lag'))
