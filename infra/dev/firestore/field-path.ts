/**
 * The segments of a Firestore field path: `` steps.`generate-thumbnail`.`0.1` `` gives three. Quoted segments may hold
 * anything; a backslash escapes a backtick or a backslash in them.
 * @throws Error where the path is malformed.
 */
export function parseFieldPath(path: string): string[] {
  const segments: string[] = []
  let at = 0
  while (at <= path.length) {
    let segment = ''
    if (path[at] === '`') {
      at += 1
      while (path[at] !== '`') {
        if (at >= path.length) throw new Error(`field path "${path}": a backtick is not closed`)
        if (path[at] === '\\') at += 1
        segment += path[at++]
      }
      at += 1
      if (at < path.length && path[at] !== '.') throw new Error(`field path "${path}": a dot must follow a backtick`)
    } else {
      const end = path.indexOf('.', at)
      segment = path.slice(at, end === -1 ? path.length : end)
      at += segment.length
    }
    if (segment === '') throw new Error(`field path "${path}": a segment is empty`)
    segments.push(segment)
    at += 1
  }
  return segments
}
