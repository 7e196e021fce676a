import { FakeMappingControl } from '../../fakes/mapping-control.ts'
import { mappingControlContract } from '../../support/mapping-control-contract.ts'

mappingControlContract('the control of mappings in memory', async () => {
  const control = new FakeMappingControl()
  return {
    control,
    deploy: async () => {
      control.deploy('of-stack')
    },
    settle: () => control.settle(),
    wantOthers: (differs) => {
      control.wantOthers(differs)
      return control
    },
  }
})
