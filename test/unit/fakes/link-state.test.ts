import { FakeLinkState } from '../../fakes/link-state.ts'
import { linkStateContract } from '../../support/link-state-contract.ts'

linkStateContract('the link state in memory', async (options) => new FakeLinkState(options))
