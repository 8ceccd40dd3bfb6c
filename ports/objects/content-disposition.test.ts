import { contentDisposition } from './content-disposition.ts'

it.each([
  ['report.pdf', 'attachment; filename="report.pdf"; filename*=UTF-8\'\'report.pdf'],
  ['Grüße 1.pdf', 'attachment; filename="Gr__e 1.pdf"; filename*=UTF-8\'\'Gr%C3%BC%C3%9Fe%201.pdf'],
  ['日本.txt', 'attachment; filename="__.txt"; filename*=UTF-8\'\'%E6%97%A5%E6%9C%AC.txt'],
  [
    'a"; filename="b.exe',
    'attachment; filename="a_; filename=_b.exe"; filename*=UTF-8\'\'a%22%3B%20filename%3D%22b.exe',
  ],
  [
    'x\r\nSet-Cookie: a=b',
    'attachment; filename="x__Set-Cookie: a=b"; filename*=UTF-8\'\'x%0D%0ASet-Cookie%3A%20a%3Db',
  ],
  ["it's (1)*.txt", "attachment; filename=\"it's (1)*.txt\"; filename*=UTF-8''it%27s%20%281%29%2A.txt"],
  ['half \uD83D', 'attachment; filename="half _"; filename*=UTF-8\'\'half%20%EF%BF%BD'],
])('names %j so that nothing of it is taken for anything else', (fileName, header) => {
  expect(contentDisposition({ type: 'attachment', fileName })).toBe(header)
})

it('shows in place what may be shown', () => {
  expect(contentDisposition({ type: 'inline', fileName: 'a.pdf' })).toMatch(/^inline; /)
})
