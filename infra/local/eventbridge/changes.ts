import type { Cloud } from '../cloud.ts'

/** A rule's or an archive's properties, in the words of its CloudFormation type; null where it was deleted. */
export type State = Readonly<Record<string, unknown>> | null

/**
 * What was made, changed or deleted through the API. It is durable, and it yields to a template as on AWS, where a
 * deployment touches what changed in the template since the last one, and leaves the rest as somebody made it.
 */
export interface Changes {
  /**
   * What stands instead of a template's declaration: undefined where the API changed nothing, or where the template
   * says something new since then.
   */
  over(thing: Thing, declaration: object): State | undefined
  /** What no template declares, of one kind and bus. */
  others(kind: Thing['kind'], bus: string): readonly (Thing & { readonly state: NonNullable<State> })[]
  set(thing: Thing, state: State): void
}

export interface Thing {
  readonly kind: 'rule' | 'archive'
  /** The name of its bus. */
  readonly bus: string
  readonly name: string
}

export function openChanges({ db }: Cloud): Changes {
  // `declared` is the template's declaration that the change was made over.
  db.exec(`create table if not exists events_change (
    kind text not null,
    bus text not null,
    name text not null,
    declared text,
    state text,
    primary key (kind, bus, name)
  ) strict`)
  /** What the templates of this start say. */
  const declared = new Map<string, string>()
  const keyOf = ({ kind, bus, name }: Thing): string => `${kind} ${bus} ${name}`

  return {
    over(thing, declaration) {
      const text = JSON.stringify(declaration)
      declared.set(keyOf(thing), text)
      const { kind, bus, name } = thing
      const row = db
        .prepare('select declared, state from events_change where kind = ? and bus = ? and name = ?')
        .get(kind, bus, name) as { declared: string | null; state: string | null } | undefined
      if (!row) return undefined
      if (row.declared === text) return parseState(row.state)
      db.prepare('delete from events_change where kind = ? and bus = ? and name = ?').run(kind, bus, name)
      return undefined
    },
    others: (kind, bus) =>
      db
        .prepare(
          `select name, state from events_change
           where kind = ? and bus = ? and declared is null and state is not null order by name`,
        )
        .all(kind, bus)
        .map(({ name, state }) => ({ kind, bus, name: String(name), state: parseState(String(state)) ?? {} })),
    set(thing, state) {
      const { kind, bus, name } = thing
      const declaration = declared.get(keyOf(thing))
      if (state === null && declaration === undefined) {
        db.prepare('delete from events_change where kind = ? and bus = ? and name = ?').run(kind, bus, name)
        return
      }
      db.prepare('insert or replace into events_change (kind, bus, name, declared, state) values (?, ?, ?, ?, ?)').run(
        kind,
        bus,
        name,
        declaration ?? null,
        state === null ? null : JSON.stringify(state),
      )
    },
  }
}

function parseState(text: string | null): State {
  return text === null ? null : (JSON.parse(text) as NonNullable<State>)
}
