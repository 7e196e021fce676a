import { describeGroupAdmin } from '../support/group-admin-contract.ts'
import { openGroupWorld } from '../support/group-cluster.ts'

describeGroupAdmin('a real cluster', openGroupWorld)
