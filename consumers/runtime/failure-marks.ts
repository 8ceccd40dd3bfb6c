/**
 * What a line of a consumer's log holds where its step failed by our fault: an alarm counts the lines that hold any of
 * these. The second is that of a try which found the failure written down: the one that wrote it may not have lived to
 * tell of it.
 */
export const FAILURE_MARKS = ['"outcome":"failed"', '"recorded":"failed"'] as const
