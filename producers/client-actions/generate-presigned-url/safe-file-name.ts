import { LIMITS } from '../../../contracts/limits.ts'

/** What turns a name's direction or joins its letters in secret, so that it reads as another. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu

/** What file systems give a meaning. */
const RESERVED = /[<>:"/\\|?*]/g

/**
 * A name that is safe to show and to save under: what the sender calls the file, without folders, without characters
 * that hide or turn what is written, and never empty. Its endings all stay, so that `photo.jpg.php` is seen as what it is.
 */
export function safeFileName(name: string): string {
  const own = name.normalize('NFC').split(/[/\\]/).at(-1) ?? ''
  const shown = own
    .replace(INVISIBLE, '')
    .replace(RESERVED, '_')
    .replace(/\s+/gu, ' ')
    .replace(/^[. ]+|[. ]+$/g, '')
  return shortened(shown) || 'file'
}

/** Cut in the middle, by whole characters, so that the ending stays. */
function shortened(name: string): string {
  const most = LIMITS.file.fileNameMaxLength
  if (name.length <= most) return name
  const ending = /\.[^.]{1,16}$/u.exec(name)?.[0] ?? ''
  let kept = ''
  for (const character of name) {
    if (kept.length + character.length + ending.length > most) break
    kept += character
  }
  return kept + ending
}
