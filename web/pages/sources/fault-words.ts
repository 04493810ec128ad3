interface Words {
  /** What it is. */
  readonly what: string;
  /** What helps. */
  readonly todo: string;
}

const REPORT = 'Copy a sample, take out what is private, and report it: it is a fault of Earshot. The event is kept and can be found.';

const WORDS: ReadonlyMap<string, Words> = new Map([
  ['invalid_utf8', { what: 'Bytes that are not UTF-8', todo: 'Have the sender write UTF-8. The bytes are kept as they came.' }],
  [
    'nul_bytes',
    {
      what: 'NUL bytes in the message',
      todo: "Look at the sender's template or framing: NUL bytes often come from UTF-16, or from a frame's end in the wrong place.",
    },
  ],
  [
    'truncated',
    {
      what: 'Cut before it was whole, by the sender, the network or a bound',
      todo: 'Raise the bound of the sender, or max_message_bytes of the source; over UDP, use TCP or RELP.',
    },
  ],
  [
    'bad_timestamp',
    {
      what: 'A time that is none: the time of receipt is used',
      todo: 'Set the clock of the sender, and have it write times as in RFC 3339.',
    },
  ],
  [
    'cef_unkeyed_text',
    {
      what: 'CEF with text that belongs to no key',
      todo: 'Something stands before the first key of the extension: see whether the sender has an update or a setting for its CEF.',
    },
  ],
  [
    'unknown_decoder',
    { what: 'The source names a decoder that does not exist', todo: 'Correct decoder of the source in the configuration, then reload.' },
  ],
  [
    'unknown_action',
    {
      what: 'An action that Earshot does not know',
      todo: 'It is kept as it is, and rules may ask for it by event.action. What it means comes with an update of Earshot.',
    },
  ],
  [
    'dataset_mismatch',
    {
      what: 'A sender that spoke for a dataset it is not bound to',
      todo: 'Bind the sender to the dataset if it may speak for it; else find out who it is.',
    },
  ],
  ['pipeline_fault', { what: 'A stage of the hub failed on it', todo: REPORT }],
  ['set_aside', { what: 'Kept bare, because it could not be judged or stored', todo: REPORT }],
]);

/** A tag of an event that could not be read as meant, as a sentence: `cef_fault:cef_short_header` is "CEF that is broken: short header". */
export function faultWords(tag: string): Words {
  const [, format, code] = /^(.+)_fault:(.+)$/.exec(tag) ?? [];
  if (format !== undefined && code !== undefined) {
    const name = format.toUpperCase().replaceAll('_', ' ');
    const fault = code.startsWith(`${format}_`) ? code.slice(format.length + 1) : code;
    return {
      what: `${name} that is broken: ${fault.replaceAll('_', ' ')}`,
      todo: `Compare a sample with what the sender should write; earshot try shows what is read of it. If it is good ${name}, report it.`,
    };
  }
  return WORDS.get(tag) ?? { what: tag, todo: REPORT };
}
