import fc from 'fast-check'
import { LADDER, rungsFor, sizeOn, sizeWithin } from './ladder.ts'

const namesFor = (width: number, height: number) => rungsFor({ width, height }).map(({ name }) => name)

describe('a ladder', () => {
  it('goes by the short side, in portrait as in landscape', () => {
    expect(namesFor(1920, 1080)).toEqual(['1080p', '720p', '480p', '360p'])
    expect(namesFor(1080, 1920)).toEqual(['1080p', '720p', '480p', '360p'])
    expect(namesFor(1280, 719)).toEqual(['480p', '360p'])
    expect(namesFor(640, 360)).toEqual(['360p'])
  })

  it('has one rung of the picture’s own size where that is smaller than all', () => {
    expect(namesFor(321, 241)).toEqual(['240p'])
    expect(namesFor(3, 1)).toEqual(['2p'])
  })

  it('has the sizes that players know', () => {
    const [top, ...others] = LADDER.map((rung) => sizeOn({ width: 3840, height: 2160 }, rung))
    expect(top).toEqual({ width: 1920, height: 1080 })
    expect(others.map(({ width }) => width)).toEqual([1280, 854, 640])
    expect(sizeOn({ width: 606, height: 1080 }, { shortSide: 360 })).toEqual({ width: 360, height: 642 })
  })

  it('keeps the shape in even numbers, and enlarges nothing', () => {
    const side = fc.integer({ min: 2, max: 4_000 })
    fc.assert(
      fc.property(side, side, (width, height) => {
        for (const rung of rungsFor({ width, height })) {
          const size = sizeOn({ width, height }, rung)
          expect([size.width % 2, size.height % 2]).toEqual([0, 0])
          expect(size.width).toBeLessThanOrEqual(width + 1)
          expect(size.height).toBeLessThanOrEqual(height + 1)
          const factor = Math.min(1, rung.shortSide / Math.min(width, height))
          expect(Math.abs(size.width - width * factor)).toBeLessThanOrEqual(2)
          expect(Math.abs(size.height - height * factor)).toBeLessThanOrEqual(2)
        }
      }),
    )
  })

  it('fits stills within their longer side', () => {
    expect(sizeWithin({ width: 1080, height: 1920 }, 640)).toEqual({ width: 360, height: 640 })
    expect(sizeWithin({ width: 100, height: 50 }, 640)).toEqual({ width: 100, height: 50 })
    expect(sizeWithin({ width: 3_000, height: 1 }, 640)).toEqual({ width: 640, height: 1 })
  })
})
