/**
 * Made-up lines of privileged access products: RFC 5424 headers, CEF bodies, some 315 bytes, with text as varied as the field sends it.
 * The same seed gives the same lines. Each holds a nine-digit number after `externalId=`, to be written anew for each line sent.
 */
const WORDS =
  'session started ended password viewed changed by user for device credential request approved denied backup sent to server task run on target connectivity lost restored file transfer upload download command blocked elevated access granted revoked rotation scheduled vault unlocked policy updated group member added removed emergency break glass justification ticket maintenance window patch database domain controller firewall router switch storage hypervisor mail proxy gateway ledger payroll archive staging production audit review quarterly incident follow up temporary vendor remote desktop shell console'.split(
    ' ',
  );
const KINDS: readonly (readonly [vendor: string, product: string, classId: string, name: string, severity: number])[] = [
  ['MT4', 'Segura', '153.1', 'Session Started', 3],
  ['MT4', 'Segura', '153.2', 'Session Ended', 3],
  ['MT4', 'Segura', '164.1', 'Password Viewed', 6],
  ['MT4', 'Segura', '17.1', 'Password Changed', 4],
  ['Osirium', 'PXM', '100', 'Task run', 5],
  ['Osirium', 'PXM', '101', 'Device access', 5],
  ['Osirium', 'PXM', '110', 'Session recording viewed', 6],
  ['Osirium', 'PPA', '210', 'Process automation', 4],
];

/** xorshift32: small, fast, the same everywhere. */
function random(seed: number): () => number {
  let state = seed | 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4294967296;
  };
}

export interface Lines {
  /** All lines, each ended by a line feed. */
  readonly bytes: Buffer;
  /** Where each line's number begins. */
  readonly numbers: Uint32Array;
  /** Where each line begins; one more for the end. */
  readonly starts: Uint32Array;
}

export function makeLines(count: number, seed = 7): Lines {
  const next = random(seed);
  const int = (n: number) => Math.floor(next() * n);
  const zipf = (n: number) => Math.floor(n ** next()) - 1;
  const words = (n: number) => Array.from({ length: n }, () => WORDS[int(WORDS.length)]).join(' ');
  const parts: string[] = [];
  const numbers = new Uint32Array(count);
  const starts = new Uint32Array(count + 1);
  let at = 0;
  for (let i = 0; i < count; i++) {
    const [vendor, product, classId, name, severity] = KINDS[int(KINDS.length)] ?? KINDS[0] ?? ['', '', '', '', 0];
    const time = new Date(Date.now() - 1000 + int(900)).toISOString();
    const head = `<${8 + int(8)}>1 ${time} pam${int(4)}.example.com ${product} ${1000 + int(60000)} - - `;
    const cef = `CEF:0|${vendor}|${product}|3.${int(40)}.${int(9)}|${classId}|${name}|${severity}|`;
    const number = `externalId=`;
    const rest = ` suser=user${zipf(5000)} duser=svc-${WORDS[int(60)]}${zipf(300)} src=192.0.2.${int(256)} dst=198.51.100.${int(256)} dhost=${WORDS[int(WORDS.length)]}${zipf(900)}.example.com dpt=${[22, 443, 3389, 1433][int(4)]} cs1=${int(1e9).toString(36)} cs1Label=sessionId outcome=${int(20) ? 'success' : 'failure'} msg=${words(3 + int(8))}\n`;
    starts[i] = at;
    numbers[i] = at + head.length + cef.length + number.length;
    const line = `${head}${cef}${number}000000000${rest}`;
    parts.push(line);
    at += line.length;
  }
  starts[count] = at;
  return { bytes: Buffer.from(parts.join(''), 'latin1'), numbers, starts };
}
