import { randomUUID } from 'node:crypto'
import type { LinkMapping, MappingState } from '../../shared/domain/topics/mapping-plan.ts'
import type { MappingControl } from '../../shared/usecases/topics/topic-ports.ts'

/** Where a passing state leads. */
const THEN: Partial<Record<MappingState, MappingState>> = { Enabling: 'Enabled', Disabling: 'Disabled' }

/**
 * The mappings of one link's function in memory. They stay in a passing state until `settle`, or until somebody wants
 * them changed. The contract suite runs on it and on the local gateway.
 */
export class FakeMappingControl implements MappingControl {
  readonly mappings = new Map<string, LinkMapping>()
  /** Everything that changed a mapping, in order. */
  readonly changes: string[] = []
  readonly #then = new Map<string, MappingState | 'gone'>()

  /** A mapping that is enabled, as a deploy leaves it. */
  deploy(topic: string): LinkMapping {
    return this.#put({ id: randomUUID(), topic, state: 'Enabled', madeBy: 'stack' })
  }

  async settle(): Promise<void> {
    for (const [id, next] of this.#then) this.#arrive(id, next)
  }

  async list(): Promise<readonly LinkMapping[]> {
    return [...this.mappings.values()]
  }

  async create(topic: string, { enabled }: { readonly enabled: boolean }): Promise<LinkMapping> {
    for (const [id, next] of this.#then) if (next === 'gone') this.#arrive(id, next)
    const known = [...this.mappings.values()].find((mapping) => mapping.topic === topic)
    if (known !== undefined) return known
    this.changes.push(`create ${topic}${enabled ? '' : ' disabled'}`)
    const mapping = this.#put({ id: randomUUID(), topic, state: 'Creating', madeBy: 'run-time' })
    this.#then.set(mapping.id, enabled ? 'Enabled' : 'Disabled')
    return mapping
  }

  async enable(id: string, enabled: boolean): Promise<MappingState | 'gone'> {
    this.#arrive(id, this.#then.get(id))
    const mapping = this.mappings.get(id)
    if (mapping === undefined) return 'gone'
    this.changes.push(`${enabled ? 'enable' : 'disable'} ${mapping.topic}`)
    const before = mapping.state === 'Enabled'
    const state = before === enabled ? 'Updating' : enabled ? 'Enabling' : 'Disabling'
    this.#then.set(id, THEN[state] ?? mapping.state)
    return this.#put({ ...mapping, state }).state
  }

  /** From now on the link wants other mappings than those that were made at run time. */
  wantOthers(differs: 'settings' | 'source'): void {
    for (const mapping of this.mappings.values()) if (mapping.madeBy === 'run-time') this.#put({ ...mapping, differs })
  }

  async update(id: string, topic: string): Promise<MappingState | 'gone'> {
    this.#arrive(id, this.#then.get(id))
    const mapping = this.mappings.get(id)
    if (mapping === undefined) return 'gone'
    this.changes.push(`update ${topic}`)
    const { differs, ...rest } = mapping
    this.#then.set(id, mapping.state)
    return this.#put({ ...rest, ...(differs === 'source' && { differs }), state: 'Updating' }).state
  }

  async remove(id: string): Promise<'removed' | 'not-ours'> {
    const mapping = this.mappings.get(id)
    if (mapping?.madeBy === 'stack') return 'not-ours'
    if (mapping === undefined || mapping.state === 'Deleting') return 'removed'
    this.changes.push(`remove ${mapping.topic}`)
    this.#put({ ...mapping, state: 'Deleting' })
    this.#then.set(id, 'gone')
    return 'removed'
  }

  #arrive(id: string, next: MappingState | 'gone' | undefined): void {
    this.#then.delete(id)
    const mapping = this.mappings.get(id)
    if (next === 'gone') this.mappings.delete(id)
    else if (mapping !== undefined && next !== undefined) this.#put({ ...mapping, state: next })
  }

  #put(mapping: LinkMapping): LinkMapping {
    this.mappings.set(mapping.id, mapping)
    return mapping
  }
}
