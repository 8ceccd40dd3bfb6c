import type { EventContract } from '../contracts/event-contract.ts'
import {
  MetadataExtractedV1,
  MetadataExtractedV2,
  ThumbnailReadyV1,
  type ThumbnailReadyV1Data,
  ThumbnailReadyV2,
  type ThumbnailReadyV2Data,
} from '../contracts/generated/events.ts'

/** Lifts the data of one major version to the next: a pure function, so that an archive can be read for ever. */
export interface Upcaster {
  /** The older major. */
  readonly from: EventContract<never>
  readonly to: EventContract<never>
  /** @param data valid under the reader of `from`. */
  upcast(data: unknown): unknown
}

/** One for each major that has a successor; they chain. */
export const UPCASTERS: readonly Upcaster[] = [
  // Until v2 every media was a picture: what it said then, it says now.
  lifting(MetadataExtractedV1, MetadataExtractedV2, (data) => data),
  lifting(ThumbnailReadyV1, ThumbnailReadyV2, thumbnailReadyV1ToV2),
]

/** The contract itself and every older one that the upcasters lift to it, oldest last. */
export function lineageOf(
  contract: EventContract<never>,
  upcasters: readonly Upcaster[],
): readonly EventContract<never>[] {
  const older = upcasters.filter(({ to }) => to.detailType === contract.detailType)
  return [contract, ...older.flatMap(({ from }) => lineageOf(from, upcasters))]
}

/** A placeholder says since v2 what kind it is; until then every one was a thumbhash. */
function thumbnailReadyV1ToV2({ thumbhash, ...rest }: ThumbnailReadyV1Data): ThumbnailReadyV2Data {
  return { ...rest, placeholder: { kind: 'thumbhash', value: thumbhash } }
}

/** Ties the types of both majors together; readers of `from` have made sure that the data is what it says. */
function lifting<From, To>(from: EventContract<From>, to: EventContract<To>, upcast: (data: From) => To): Upcaster {
  return { from, to, upcast: (data) => upcast(data as From) }
}
