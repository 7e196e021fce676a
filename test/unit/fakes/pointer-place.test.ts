import { FakePointerPlace } from '../../fakes/pointer-place.ts'
import { pointerPlaceContract } from '../../support/pointer-place-contract.ts'

pointerPlaceContract('a place for pointers in memory', async () => new FakePointerPlace())
