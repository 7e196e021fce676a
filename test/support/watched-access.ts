import { type AclBinding, bindingText, EVERYBODY } from '../../shared/domain/access/acl-binding.ts'
import { mapAcl } from '../../shared/domain/access/acl-mapping.ts'
import { grantedOnStandby, waitsForPromotion } from '../../shared/domain/access/held-right.ts'
import type { Naming } from '../../shared/domain/topology/topology.ts'
import type { AclChange } from '../fakes/acl-admin.ts'
import { AccessWorld } from './access-world.ts'
import { acl } from './acl-bindings.ts'
import type { AccessEvent } from './any-access.ts'

const ALWAYS_THERE = acl('User:nobody-we-know', 'read', 'group', 'always')

/** A world in which every change of the target is looked at in the moment in which it is made. */
export class WatchedAccess {
  readonly world: AccessWorld
  readonly offences: string[] = []
  readonly foreign = new Map<string, AclBinding>()

  constructor(naming: Naming) {
    this.world = new AccessWorld({ naming, patterns: ['^(?:orders.*|payments)$'] })
    this.world.source.acls.put(ALWAYS_THERE)
    this.world.target.acls.watch = (change) => this.#look(change)
  }

  get role() {
    return this.world.status.role
  }

  /** What shall be on the target besides what somebody else has put there. */
  get wanted(): ReadonlyMap<string, AclBinding> {
    const whole = this.#whole()
    const wanted = this.role === 'standby' ? whole.flatMap(grantedOnStandby) : whole
    return new Map(wanted.map((binding) => [bindingText(binding), binding]))
  }

  async happen(event: AccessEvent): Promise<void> {
    const { world } = this
    switch (event.kind) {
      case 'grant':
        return world.source.acls.put(event.binding)
      case 'revoke':
        return world.source.acls.take(event.binding)
      case 'somebody-adds':
        return this.#add(event.binding)
      case 'somebody-removes':
        world.target.acls.take(event.binding)
        this.foreign.delete(bindingText(event.binding))
        return
      case 'replicate':
        return world.replicate(event.topic)
      case 'promote':
        return world.promote('active')
      case 'demote':
        return world.promote('standby')
      case 'pass':
        await world.pass()
    }
  }

  /** What is there already stays whose it is: Kafka keeps one ACL and no owner. */
  #add(binding: AclBinding): void {
    const { acls } = this.world.target
    if (acls.has(binding) || this.world.registry.has({ kind: 'acl', binding })) return
    acls.put(binding)
    this.foreign.set(bindingText(binding), binding)
  }

  #whole(): readonly AclBinding[] {
    const { link, access } = this.world
    const fences = new Set<string>()
    const replicas = new Map([...this.world.topics.records].map(([topic, { targetTopic }]) => [topic, targetTopic]))
    const facts = { link, access, replicas, fences, returning: new Set<string>() }
    return this.world.source.acls.bindings.flatMap((binding) => {
      const mapping = mapAcl(binding, facts)
      return mapping.kind === 'mapped' ? mapping.bindings : []
    })
  }

  #look({ kind, binding }: AclChange): void {
    const text = bindingText(binding)
    const offend = (what: string): void => void this.offences.push(`${what}: ${kind} ${text}`)
    if (!this.world.registry.has({ kind: 'acl', binding })) offend('changed without an entry')
    if (kind === 'remove' && this.foreign.has(text)) offend('removed what is somebody else’s')
    if (binding.principal === EVERYBODY || binding.resource === 'cluster') offend('is never ours')
    if (kind === 'create' && this.role === 'standby' && waitsForPromotion(binding)) offend('granted a held right')
    if (kind === 'create' && binding.permission === 'allow' && this.#lacksDeny(binding)) offend('allowed before denied')
    if (kind === 'remove' && binding.permission === 'deny' && this.#hasStaleAllow(binding)) offend('undenied too early')
  }

  #lacksDeny({ principal }: AclBinding): boolean {
    const denials = this.#whole().filter((one) => one.permission === 'deny' && one.principal === principal)
    return denials.some((denial) => !this.world.target.acls.has(denial))
  }

  #hasStaleAllow({ principal }: AclBinding): boolean {
    const { wanted } = this
    const { target, registry } = this.world
    const ours = target.acls.bindings.filter((binding) => registry.has({ kind: 'acl', binding }))
    return ours.some(
      (one) => one.permission === 'allow' && one.principal === principal && !wanted.has(bindingText(one)),
    )
  }
}
