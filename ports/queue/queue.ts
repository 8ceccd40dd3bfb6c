/** What a consumer can do to the queue that feeds it, beside acknowledging. */
export interface SourceQueue {
  /** Puts a message that nobody can read straight into the dead-letter queue, with the reason as an attribute. */
  deadLetter(body: string, reason: string): Promise<void>
  /** Makes a received message visible again after so many seconds, instead of after its whole visibility timeout. */
  retryAfter(receipt: Receipt, seconds: number): Promise<void>
}

export interface Receipt {
  readonly queueArn: string
  readonly receiptHandle: string
}
