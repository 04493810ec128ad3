const WORDS: ReadonlyMap<string, string> = new Map([
  ['invalid_utf8', 'Bytes that are not UTF-8'],
  ['nul_bytes', 'NUL bytes in the message'],
  ['truncated', 'Cut before it was whole, by the sender, the network or a bound'],
  ['bad_timestamp', 'A time that is none: the time of receipt is used'],
  ['cef_unkeyed_text', 'CEF with text that belongs to no key'],
  ['unknown_decoder', 'The source names a decoder that does not exist'],
  ['dataset_mismatch', 'A sender that spoke for a dataset it is not bound to'],
  ['pipeline_fault', 'A stage of the hub failed on it: please report it'],
  ['set_aside', 'Kept bare, because it could not be judged or stored: please report it'],
]);

/** A tag of an event that could not be read as meant, as a sentence: `cef_fault:cef_short_header` is "CEF that is broken: short header". */
export function faultWords(tag: string): string {
  const [, format, code] = /^(.+)_fault:(.+)$/.exec(tag) ?? [];
  if (format !== undefined && code !== undefined) {
    const what = code.startsWith(`${format}_`) ? code.slice(format.length + 1) : code;
    return `${format.toUpperCase().replaceAll('_', ' ')} that is broken: ${what.replaceAll('_', ' ')}`;
  }
  return WORDS.get(tag) ?? tag;
}
