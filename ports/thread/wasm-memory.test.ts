import { limitWasmMemory } from './wasm-memory.ts'

const PAGE = 65_536

// TypeScript knows it of browsers alone.
interface Memory {
  readonly buffer: ArrayBuffer
  grow(pages: number): number
}
const { Memory } = (globalThis as unknown as { WebAssembly: { Memory: new (size: { initial: number }) => Memory } })
  .WebAssembly

it('lets WebAssembly grow up to a bound, and tells whether it wanted more', () => {
  const grow = Object.getOwnPropertyDescriptor(Memory.prototype, 'grow')
  const memory = new Memory({ initial: 1 })
  const ranOut = limitWasmMemory(4 * PAGE)
  try {
    memory.grow(3)
    expect([memory.buffer.byteLength, ranOut()]).toEqual([4 * PAGE, false])
    expect(() => memory.grow(1)).toThrow(RangeError)
    expect([memory.buffer.byteLength, ranOut()]).toEqual([4 * PAGE, true])
  } finally {
    if (grow) Object.defineProperty(Memory.prototype, 'grow', grow)
  }
})
