/** One record of the Linux audit system: `type=USER_LOGIN msg=audit(1767322800.123:456): pid=1 … msg='op=login … res=success'`. */
export interface AuditRecord {
  /** Such as `USER_LOGIN`; a number from the kernel's own log is given as its name. */
  readonly type: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
  /** Records of one act share it. */
  readonly sequence: number;
  readonly node: string | undefined;
  /** In order, those of the nested `msg='…'` too; `hex` says that the value was not quoted and may be hexadecimal. */
  readonly pairs: readonly AuditPair[];
  /** The text behind the header, with what is no pair (`avc:  denied  { read } for`). */
  readonly body: string;
}

export interface AuditPair {
  readonly key: string;
  readonly value: string;
  readonly quoted: boolean;
}

const HEAD = /^(?:\[[ \d.]{1,20}\] )?(?:node=(\S{1,255}) )?(?:audit: )?type=(\w{1,64}) (?:msg=)?audit\((\d{1,12})\.(\d{3}):(\d{1,15})\): ?/;

/** Reads one record; undefined when the text is none. */
export function parseAuditRecord(text: string): AuditRecord | undefined {
  const head = HEAD.exec(text);
  if (head === null) return undefined;
  const [whole, node, type = '', seconds, milliseconds, sequence] = head;
  const body = text.slice(whole.length);
  const pairs: AuditPair[] = [];
  readPairs(body, pairs, 0);
  return {
    type: TYPES_BY_NUMBER[type] ?? type,
    time: Number(seconds) * 1000 + Number(milliseconds),
    sequence: Number(sequence),
    node,
    pairs,
    body,
  };
}

/** A blank, or the separator (0x1D) before what auditd adds in its enriched format. */
const isGap = (code: number): boolean => code === 32 || code === 29;

function gapFrom(text: string, at: number): number {
  while (at < text.length && !isGap(text.charCodeAt(at))) at++;
  return at;
}

/** `msg='…'` holds pairs of its own, once. */
function readPairs(text: string, pairs: AuditPair[], depth: number): void {
  let at = 0;
  while (at < text.length) {
    if (isGap(text.charCodeAt(at))) {
      at++;
      continue;
    }
    const gap = gapFrom(text, at);
    const word = text.slice(at, gap);
    const equals = word.indexOf('=');
    if (equals === -1) {
      continueOperation(pairs, word);
      at = gap;
      continue;
    }
    at = readPair(text, word.slice(0, equals), at + equals + 1, gap, pairs, depth);
  }
}

/** `op=adding user acct=…`: an operation is written in words. Other words without `=` are passed. */
function continueOperation(pairs: AuditPair[], word: string): void {
  const last = pairs.at(-1);
  if (last?.key === 'op' && !last.quoted) pairs[pairs.length - 1] = { ...last, value: `${last.value} ${word}` };
}

function readPair(text: string, key: string, start: number, gap: number, pairs: AuditPair[], depth: number): number {
  const quote = text.charAt(start);
  if (quote === "'" && key === 'msg' && depth === 0) {
    const end = endOfNested(text, start + 1);
    readPairs(text.slice(start + 1, end), pairs, 1);
    return end + 1;
  }
  if (quote === '"' || quote === "'") {
    const end = text.indexOf(quote, start + 1);
    if (end !== -1) {
      pairs.push({ key, value: text.slice(start + 1, end), quoted: true });
      return end + 1;
    }
  }
  pairs.push({ key, value: text.slice(start, gap), quoted: false });
  return gap;
}

/** The quote that ends `msg='…'` stands at the end, or before the enriched part. */
function endOfNested(text: string, start: number): number {
  const enriched = text.indexOf("'\u001d", start);
  if (enriched !== -1) return enriched;
  const last = text.lastIndexOf("'");
  return last >= start ? last : text.length;
}

const HEX = /^(?:[0-9A-Fa-f]{2})+$/;

/** The value as it is written; '' where auditd says that there is none. */
export const plain = ({ value, quoted }: AuditPair): string =>
  !quoted && (value === '(null)' || value === '?' || value === '(none)') ? '' : value;

/** A value that somebody else chose: quoted as it is, else hexadecimal where it holds blanks, quotes or control characters. */
export const untrusted = (pair: AuditPair): string =>
  pair.quoted || !HEX.test(pair.value) ? plain(pair) : Buffer.from(pair.value, 'hex').toString('utf8');

/** Of linux/audit.h and libaudit.h: the kernel's log has numbers. */
const TYPES_BY_NUMBER: Readonly<Record<string, string>> = {
  1006: 'LOGIN',
  1100: 'USER_AUTH',
  1101: 'USER_ACCT',
  1102: 'USER_MGMT',
  1103: 'CRED_ACQ',
  1104: 'CRED_DISP',
  1105: 'USER_START',
  1106: 'USER_END',
  1107: 'USER_AVC',
  1108: 'USER_CHAUTHTOK',
  1109: 'USER_ERR',
  1110: 'CRED_REFR',
  1112: 'USER_LOGIN',
  1113: 'USER_LOGOUT',
  1114: 'ADD_USER',
  1115: 'DEL_USER',
  1116: 'ADD_GROUP',
  1117: 'DEL_GROUP',
  1123: 'USER_CMD',
  1124: 'USER_TTY',
  1127: 'SYSTEM_BOOT',
  1128: 'SYSTEM_SHUTDOWN',
  1130: 'SERVICE_START',
  1131: 'SERVICE_STOP',
  1132: 'GRP_MGMT',
  1133: 'GRP_CHAUTHTOK',
  1135: 'ACCT_LOCK',
  1136: 'ACCT_UNLOCK',
  1200: 'DAEMON_START',
  1201: 'DAEMON_END',
  1202: 'DAEMON_ABORT',
  1203: 'DAEMON_CONFIG',
  1300: 'SYSCALL',
  1302: 'PATH',
  1305: 'CONFIG_CHANGE',
  1306: 'SOCKADDR',
  1307: 'CWD',
  1309: 'EXECVE',
  1319: 'TTY',
  1320: 'EOE',
  1326: 'SECCOMP',
  1327: 'PROCTITLE',
  1330: 'KERN_MODULE',
  1400: 'AVC',
  1403: 'MAC_POLICY_LOAD',
  1404: 'MAC_STATUS',
  1405: 'MAC_CONFIG_CHANGE',
};
