/** Red, green and blue, 0 to 255. */
export type Rgb = readonly [red: number, green: number, blue: number]

/** A row of this many squares along the whole upper edge of a picture is a marker. */
export const MARKER_SQUARES = 12

/** How far a channel may be from 0 or from 255: JPEG, video codecs and scaling blur saturated colours. */
const TOLERANCE = 90

// A square is one of the eight corners of the RGB cube, three bits: what is left of it after any encoder is still
// nearest to itself. Magenta beside green, thrice, is in no sky and in no test card.
const HEAD = [5, 2, 5, 2]
const TAIL = [2, 5, 2]

/** The colours of the marker that says `code`, from left to right. */
export function markerOf(code: number): readonly Rgb[] {
  if (!Number.isInteger(code) || code < 0 || code > 511) throw new RangeError(`${code} is no code from 0 to 511`)
  return symbolsOf(code).map((symbol) => [channel(symbol & 4), channel(symbol & 2), channel(symbol & 1)])
}

/** The code that these colours say; undefined where they are no marker, or a damaged one. */
export function codeOf(colours: readonly Rgb[]): number | undefined {
  const symbols = colours.map(symbolOf)
  const [high, middle, low] = symbols.slice(HEAD.length, HEAD.length + 3)
  if (high === undefined || middle === undefined || low === undefined) return undefined
  const code = high * 64 + middle * 8 + low
  const expected = symbolsOf(code)
  return symbols.length === expected.length && expected.every((symbol, at) => symbol === symbols[at]) ? code : undefined
}

function symbolsOf(code: number): readonly number[] {
  const check = (code * 37 + 11) % 64
  return [...HEAD, code >> 6, (code >> 3) & 7, code & 7, check >> 3, check & 7, ...TAIL]
}

function symbolOf(colour: Rgb): number | undefined {
  let symbol = 0
  for (const value of colour) {
    if (value > TOLERANCE && value < 255 - TOLERANCE) return undefined
    symbol = symbol * 2 + (value > 127 ? 1 : 0)
  }
  return symbol
}

function channel(bit: number): number {
  return bit === 0 ? 0 : 255
}
