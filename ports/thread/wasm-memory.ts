const PAGE_BYTES = 65_536

/** As far as it is touched here; TypeScript knows it of browsers alone. */
interface WasmMemory {
  readonly buffer: ArrayBuffer
  grow(pages: number): number
}
const { Memory } = (globalThis as unknown as { WebAssembly: { Memory: { prototype: WasmMemory } } }).WebAssembly

/**
 * Bounds the memory of what WebAssembly this thread runs from now on. A module brings its memory with it, and would let
 * it grow to 2 GB: nothing but this can hold it back.
 * @returns whether it wanted more: then it may have left something out, whatever it says
 */
export function limitWasmMemory(maxBytes: number): () => boolean {
  const { grow } = Memory.prototype
  let refused = false
  Memory.prototype.grow = function (this: WasmMemory, pages: number) {
    if (this.buffer.byteLength + pages * PAGE_BYTES > maxBytes) {
      refused = true
      throw new RangeError(`more than ${maxBytes} bytes of memory`)
    }
    return grow.call(this, pages)
  }
  return () => refused
}
