/** One thing that a validator found, as ajv's compiled code reports it. */
export interface SchemaError {
  /** JSON Pointer into the value, empty for the value itself. */
  readonly instancePath: string
  readonly message?: string
  readonly params: Readonly<Record<string, unknown>>
}

/** A compiled validator: says whether the value passes, and leaves what it found in `errors`. */
export interface SchemaValidator {
  (value: unknown): boolean
  readonly errors?: readonly SchemaError[] | null
}

/** Where a value breaks its contract, and how. */
export interface Violation {
  /** JSON Pointer, such as `/data/object/versionId`. */
  readonly pointer: string
  readonly problem: string
}

type Scalar = string | number | boolean
/** An open enum is `'a' | 'b' | (string & {})`: its known values are offered, any string is taken. */
export type Condition = Scalar

/**
 * What `where` takes: for each field of the data that holds one value, the values to react to; fields of objects
 * nest. A field that the schema doesn't have, or a list in it, is a compile error.
 */
export type Conditions<D> = {
  readonly [K in keyof D as NonNullable<D[K]> extends readonly unknown[] ? never : K]?: NonNullable<D[K]> extends Scalar
    ? readonly NonNullable<D[K]>[]
    : Conditions<NonNullable<D[K]>>
}

/** The same without the types of one event: a leaf is a list of alternatives. */
export interface ConditionTree {
  readonly [field: string]: readonly Condition[] | ConditionTree
}

/** A contract narrowed to the events whose data meets every condition. */
export interface Subscription<D = unknown> {
  readonly contract: EventContract<D>
  readonly conditions: ConditionTree
}

export interface EventContractDefinition {
  readonly name: string
  readonly major: number
  readonly minor: number
  readonly dataschema: string
  /** Closed: refuses unknown properties and values. */
  readonly writer: SchemaValidator
  /** Open: ignores properties and takes enum values that a later minor may add. */
  readonly reader: SchemaValidator
}

/** One major version of one event: its names, its validators, and how consumers subscribe to it. */
export class EventContract<D = unknown> {
  readonly name: string
  readonly major: number
  /** `<major>.<minor>`, the newest that this build knows. */
  readonly version: string
  /** `<name>.v<major>`, the detail-type on the bus. */
  readonly detailType: string
  /** The `$id` of the schema of `data`. */
  readonly dataschema: string
  readonly #writer: SchemaValidator
  readonly #reader: SchemaValidator

  constructor({ name, major, minor, dataschema, writer, reader }: EventContractDefinition) {
    this.name = name
    this.major = major
    this.version = `${major}.${minor}`
    this.detailType = `${name}.v${major}`
    this.dataschema = dataschema
    this.#writer = writer
    this.#reader = reader
  }

  /**
   * Narrows the contract to the events whose data meets every condition.
   * @throws TypeError where a condition lists nothing: no event could meet it.
   */
  where(conditions: Conditions<D>): Subscription<D> {
    refuseEmpty(conditions as ConditionTree, this.detailType)
    return { contract: this, conditions: conditions as ConditionTree }
  }

  /** Why `data` can't be sent under this contract; empty where it can. Pointers start at `data`. */
  writeViolations(data: D): readonly Violation[] {
    return violationsOf(this.#writer, data)
  }

  /** Why `data` can't be read under this contract; empty where it can, and then it is a `D`. */
  readViolations(data: unknown): readonly Violation[] {
    return violationsOf(this.#reader, data)
  }
}

/** Runs a compiled validator and names what it found. */
export function violationsOf(validator: SchemaValidator, value: unknown): readonly Violation[] {
  if (validator(value)) return []
  const { errors } = validator
  if (!errors?.length) return [{ pointer: '', problem: UNFIT }]
  return errors.map(({ instancePath, message, params }) => {
    const unknownProperty = params['additionalProperty']
    return typeof unknownProperty === 'string'
      ? { pointer: `${instancePath}/${escapePointer(unknownProperty)}`, problem: 'is not in the contract' }
      : { pointer: instancePath, problem: message ?? UNFIT }
  })
}

const UNFIT = 'does not fit the contract'

function refuseEmpty(conditions: ConditionTree, path: string): void {
  const entries = Object.entries(conditions)
  if (entries.length === 0) throw new TypeError(`${path}: a condition that lists nothing is met by nothing`)
  for (const [field, condition] of entries)
    if (typeof condition === 'object') refuseEmpty(condition as ConditionTree, `${path}.${field}`)
}

function escapePointer(property: string): string {
  return property.replaceAll('~', '~0').replaceAll('/', '~1')
}
