/**
 * A W3C `traceparent` for the first event of a chain, made of its id, so that processing its cause again continues the
 * same trace: the UUID's 16 bytes are the trace, its first 8 the span; sampled.
 */
export function traceparentOf(id: string): string {
  const trace = id.replaceAll('-', '')
  return `00-${trace}-${trace.slice(0, 16)}-01`
}
