/** Firestore's JSON form of a value, as its REST protocol writes it. */
export type Value =
  | { stringValue: string }
  | { integerValue: string | number }
  | { doubleValue: number | string }
  | { booleanValue: boolean }
  | { nullValue: unknown }
  | { timestampValue: string }
  | { arrayValue: { values?: Value[] } }
  | { mapValue: { fields?: Fields } }

export type Fields = Record<string, Value>

type Plain = string | number | boolean | null | Plain[] | { [field: string]: Plain }

/** A document's fields as plain JSON. */
export function decodeFields(fields: Fields): { [field: string]: Plain } {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, decode(value)]))
}

function decode(value: Value): Plain {
  if ('stringValue' in value) return value.stringValue
  if ('integerValue' in value) return Number(value.integerValue)
  if ('doubleValue' in value) return Number(value.doubleValue)
  if ('booleanValue' in value) return value.booleanValue
  if ('timestampValue' in value) return value.timestampValue
  if ('arrayValue' in value) return (value.arrayValue.values ?? []).map(decode)
  if ('mapValue' in value) return decodeFields(value.mapValue.fields ?? {})
  return null
}

/** Plain JSON as a document's fields. */
export function encodeFields(data: { readonly [field: string]: unknown }): Fields {
  return Object.fromEntries(Object.entries(data).map(([name, value]) => [name, encode(value)]))
}

function encode(value: unknown): Value {
  if (value === null) return { nullValue: null }
  if (typeof value === 'string') return { stringValue: value }
  if (typeof value === 'boolean') return { booleanValue: value }
  if (typeof value === 'number')
    return Number.isInteger(value) ? { integerValue: String(value) } : { doubleValue: value }
  if (Array.isArray(value)) return { arrayValue: { values: value.map(encode) } }
  if (typeof value === 'object') return { mapValue: { fields: encodeFields(value as { [field: string]: unknown }) } }
  throw new TypeError(`Firestore has no value for ${typeof value}`)
}
