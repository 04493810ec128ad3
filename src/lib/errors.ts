/** Every way Earshot can fail, with what the operator should do. Codes are public: never reuse one. */
export const ERRORS = {
  EAR_CONFIG_INVALID: 'Mend the settings named in the message, then run `earshot check`.',
  EAR_DISK_LOW: 'Free disk space under the data folder, or lower `disk.min_free_bytes`. Nothing more is taken in meanwhile.',
  EAR_ENGINE_DOWN: 'The event engine is not answering. It is restarted by itself; events wait in the raw log meanwhile.',
  EAR_ENGINE_QUERY: 'The event engine refused the query. Narrow the time range or the query.',
  EAR_RAW_LOG_FULL: 'The raw log has reached its bound. Free disk space, or see why the engine does not take events.',
  EAR_RAW_LOG_IO: 'The raw log cannot be written. Check the disk under the data folder.',
  EAR_STATE_DOWN: 'The state database is not answering.',
  EAR_STATE_NEWER: 'A newer Earshot has used this state database. Run that version or a later one.',
  EAR_STORE_NEWER: 'A newer Earshot has used this data folder. Run that version or a later one.',
  EAR_SEARCH_SYNTAX: 'Mend the query at the position named in the message.',
  EAR_RULE_INVALID: 'Mend the rule at the place named in the message, or remove it.',
  EAR_HUB_REFUSED: 'The running hub refused the request for the reason named in the message.',
  EAR_DATA_DIR_BUSY: 'Another hub runs on this data folder. Stop it, or use another folder.',
  EAR_SOURCE_LISTEN:
    'Another program may hold the port, or the address is not of this machine, or a port below 1024 needs more rights. Change `listen`, or free it.',
  EAR_SOURCE_ANSWER: 'The service does not answer as it should. It is asked again by itself; what it has is read then.',
  EAR_SOURCE_REFUSED:
    'The service refuses what the source asks for, for the reason named in the message. Mend its settings; nothing is lost meanwhile.',
  EAR_API_AUTH: 'Sign in, or send a token: `Authorization: Bearer ear_…`. `earshot token create` makes one.',
  EAR_API_SCOPE: 'Use a token with the scope named in the message, or ask an administrator for a role that has it.',
  EAR_API_INPUT: 'Mend the parameters named in the message.',
  EAR_API_NOT_FOUND: 'Check the address and the id; what is older than its retention is gone.',
  EAR_API_CONFLICT: 'Read it again: it is in that state already, or the name is taken.',
  EAR_ACCESS_SIGN_IN: 'Check name and password. An administrator can send you a link for a new password.',
  EAR_ACCESS_THROTTLED: 'Wait for the time in Retry-After, then try again.',
  EAR_ACCESS_FORGERY: 'Reload the page and do it there. A program sends a token (`Authorization: Bearer ear_…`) instead of a cookie.',
  EAR_ACCESS_LINK: 'Ask an administrator for a new link. `earshot user invite NAME` on the hub makes one too.',
  EAR_API_BUSY: 'Too many do this at once. Try again after the time in Retry-After.',
  EAR_ACT_SYSTEM: 'Set the system under `acts.systems` (docs/acts.md), or name one that is there.',
  EAR_ACT_LIMIT: 'Take out whom no act may touch, or plan several acts: see `acts.protected` and `acts.most_targets`.',
  EAR_ACT_REFUSED: 'Mend what the message names. Nothing was done.',
  EAR_ASK_SETUP: 'Set `asking.by` to a notifier of type `mail`, and `api.public_url` (docs/asking.md).',
  EAR_ASK_REFUSED: 'Mend what the message names, or ask the person by another way. No mail was sent.',
  EAR_INGEST_AUTH: 'Check the token or the signing secret of this source, and the clock of the sender.',
  EAR_INGEST_BODY: 'Mend the body at the place named in the message. Nothing of it was stored: send all of it again.',
  EAR_INGEST_KEY_REUSED:
    'Send each body under an Idempotency-Key of its own, and the same body again under the same one. Nothing of this one was stored.',
  EAR_INGEST_TYPE: 'Send JSON, NDJSON or lines of text, plain or as gzip, zstd or deflate.',
  EAR_INGEST_TOO_LARGE: 'Send smaller batches, or raise the bound named in the message. Nothing of it was stored.',
  EAR_INGEST_TIMEOUT: 'The body came too slowly. Nothing of it was stored: send all of it again.',
  EAR_INGEST_BUSY: 'Send it again after the time in Retry-After. Nothing of it was stored.',
  EAR_OUTPUT: 'Standard output cannot be written: free disk space where it goes. What was stored is stored.',
  EAR_INTERNAL: 'A fault of Earshot. Its log has the details under the request id.',
} as const satisfies Record<`EAR_${string}`, string>;

export type ErrorCode = keyof typeof ERRORS;

export class EarshotError extends Error {
  override readonly name = 'EarshotError';
  readonly code: ErrorCode;
  readonly hint: string;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.hint = ERRORS[code];
  }
}
