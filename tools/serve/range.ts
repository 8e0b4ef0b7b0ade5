/**
 * Whether sirv answers this Range header as RFC 9110 asks. Where it would not (several ranges, a suffix, `0-0`, an end before the
 * start, which ends the process), the server may ignore the header and send the whole file.
 */
export function isPlainRange(range: string): boolean {
  const match = /^bytes=(\d{1,15})-(\d{0,15})$/.exec(range);
  if (!match) return false;
  if (match[2] === '') return true;
  const end = Number(match[2]);
  return end > 0 && end >= Number(match[1]);
}
