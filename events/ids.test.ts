import { derivedId, rootId, uuid5 } from './ids.ts'

const derivation = { cause: '5f0c6a52-0b57-5d3c-9a3f-2f1a5d0c7e11', by: 'generate-thumbnail', variant: '', run: '0.0' }

describe('ids of events', () => {
  it('are name-based UUIDs as RFC 9562 has them', () => {
    // Appendix A.4 of the RFC.
    expect(uuid5('6ba7b810-9dad-11d1-80b4-00c04fd430c8', 'www.example.com')).toBe(
      '2ed6657d-e927-568b-95e1-2665a8aea6a2',
    )
  })

  it('are the same for the same cause, and stay so for ever', () => {
    expect(derivedId(derivation)).toBe('934ab080-1b92-535f-aa2f-54413d68cb48')
    expect(rootId(['images/original/x', 'v1'])).toBe('b14d8034-03af-5b85-a566-436520616881')
  })

  it('differ by cause, consumer, variant and run', () => {
    const ids = [
      derivation,
      { ...derivation, cause: 'b1f6a0c4-6f2f-5a55-9f5e-5a3d1c9a7b20' },
      { ...derivation, by: 'optimize-image' },
      { ...derivation, variant: 'webp' },
      { ...derivation, run: '0.1' },
    ].map(derivedId)
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('never meet where one part holds what separates parts', () => {
    expect(rootId(['a', 'b'])).not.toBe(rootId(['a","b']))
    expect(rootId(['ab', ''])).not.toBe(rootId(['a', 'b']))
    expect(rootId([derivation.cause, derivation.by, '', '0.0'])).not.toBe(derivedId(derivation))
  })
})
