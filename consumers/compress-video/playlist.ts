/**
 * The files that an HLS media playlist names (RFC 8216), each once and in order, its initialisation first. Joined they
 * are the rendition: one file whose segments are byte ranges is that already.
 * @throws Error where a name leads out of the playlist's folder
 */
export function filesOf(playlist: string): readonly string[] {
  const lines = playlist.split(/\r?\n/)
  const initialisation = lines.flatMap((line) => /^#EXT-X-MAP:(?:.*,)?URI="([^"]+)"/.exec(line)?.[1] ?? [])
  const segments = lines.filter((line) => line !== '' && !line.startsWith('#'))
  const names = [...new Set([...initialisation, ...segments])]
  for (const name of names) {
    if (!/^[\w-][\w.-]*$/.test(name))
      throw new Error(`a playlist names ${JSON.stringify(name)}, which is no file beside it`)
  }
  return names
}
