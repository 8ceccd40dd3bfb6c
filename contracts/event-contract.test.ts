import { MediaReadyV1, MediaUploadedV1 } from './generated/events.ts'

describe('conditions on the data', () => {
  it('narrow a contract to some of its events', () => {
    const { contract, conditions } = MediaUploadedV1.where({ kind: ['image'], object: { bucket: ['b'] } })
    expect(contract).toBe(MediaUploadedV1)
    expect(conditions).toEqual({ kind: ['image'], object: { bucket: ['b'] } })
  })

  it("on what the schema lacks, on lists and with wrong types don't compile", () => {
    // @ts-expect-error MediaUploaded has no such field.
    MediaUploadedV1.where({ colour: ['red'] })
    // @ts-expect-error A step is part of a list.
    MediaReadyV1.where({ steps: ['extract-metadata'] })
    // @ts-expect-error Bytes are a number.
    MediaUploadedV1.where({ object: { bytes: ['42'] } })
    // @ts-expect-error One value is a list of one.
    MediaUploadedV1.where({ kind: 'image' })
  })

  it('that list nothing are refused: nothing would meet them', () => {
    expect(() => MediaUploadedV1.where({ kind: [] })).toThrow('MediaUploaded.v1.kind: a condition that lists nothing')
    expect(() => MediaUploadedV1.where({})).toThrow('MediaUploaded.v1: a condition that lists nothing')
  })
})
