import { AwsError } from '../aws-json/error.ts'
import type { Input } from '../aws-json/input.ts'

export interface BatchEntry {
  readonly id: string
  readonly input: Input
}

const MAX_ENTRIES = 10

/**
 * Reads the entries of a batch.
 * @throws AwsError EmptyBatchRequest, TooManyEntriesInBatchRequest, InvalidBatchEntryId or BatchEntryIdsNotDistinct.
 */
export function readBatch(input: Input): readonly BatchEntry[] {
  const entries = input.inputs('Entries').map((entry) => ({ id: entry.text('Id'), input: entry }))
  if (entries.length === 0)
    throw new AwsError('EmptyBatchRequest', 'There should be at least one entry in the request.')
  if (entries.length > MAX_ENTRIES)
    throw new AwsError(
      'TooManyEntriesInBatchRequest',
      `Maximum number of entries per request are ${MAX_ENTRIES}. You have sent ${entries.length}.`,
    )
  const seen = new Set<string>()
  for (const { id } of entries) {
    if (!/^[A-Za-z0-9_-]{1,80}$/.test(id))
      throw new AwsError(
        'InvalidBatchEntryId',
        'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
      )
    if (seen.has(id)) throw new AwsError('BatchEntryIdsNotDistinct', `Id ${id} repeated.`)
    seen.add(id)
  }
  return entries
}

export interface BatchOutcome {
  readonly Successful: readonly object[]
  readonly Failed: readonly object[]
}

/** Does each entry by itself; one that is refused takes no other along. */
export function settle(entries: readonly BatchEntry[], work: (input: Input, id: string) => object): BatchOutcome {
  const successful: object[] = []
  const failed: object[] = []
  for (const { id, input } of entries) {
    try {
      successful.push({ Id: id, ...work(input, id) })
    } catch (error) {
      if (!(error instanceof AwsError)) throw error
      failed.push({ Id: id, SenderFault: error.statusCode < 500, Code: error.code, Message: error.message })
    }
  }
  return { Successful: successful, Failed: failed }
}
