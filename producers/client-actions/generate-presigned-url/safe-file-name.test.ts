import { safeFileName } from './safe-file-name.ts'

it.each([
  ['report.pdf', 'report.pdf'],
  ['../../etc/passwd', 'passwd'],
  ['C:\\Users\\Ada\\photo.jpg', 'photo.jpg'],
  ['photo.jpg.php', 'photo.jpg.php'],
  // U+202E turns what follows: the name would read as `invoiceexe.pdf`.
  ['invoice\u202Efdp.exe', 'invoicefdp.exe'],
  ['a\u0000b\u0007.txt', 'ab.txt'],
  ['zero\u200Bwidth.txt', 'zerowidth.txt'],
  ['a<b>:"c"|d?.txt', 'a_b___c__d_.txt'],
  ['  .hidden. ', 'hidden'],
  ['...', 'file'],
  ['', 'file'],
  ['e\u0301te\u0301.txt', 'été.txt'],
  ['写真.png', '写真.png'],
])('shows %j as %j', (name, shown) => {
  expect(safeFileName(name)).toBe(shown)
})

it('cuts a long name in the middle, and never a character', () => {
  const cut = safeFileName(`${'📷'.repeat(300)}.jpeg`)
  expect(cut.length).toBeLessThanOrEqual(255)
  expect(cut).toMatch(/^(📷)+\.jpeg$/u)
})
