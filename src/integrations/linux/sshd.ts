import type { EventWords, Mapping, MessageRow } from '../../normalize/mapping.ts';
import { pam } from './pam.ts';

const login = { action: 'ssh_login', category: ['authentication'], type: ['start'] } as const;
const accepted: EventWords = { ...login, outcome: 'success' };
const failed: EventWords = { ...login, outcome: 'failure' };
const invalidUser: EventWords = { ...failed, action: 'ssh_invalid_user' };
const maxAttempts: EventWords = { ...failed, action: 'ssh_max_attempts' };
const userRefused: EventWords = { ...failed, action: 'ssh_user_refused' };
const rootRefused: EventWords = { ...failed, action: 'ssh_root_login_refused' };
const timedOut: EventWords = { ...failed, action: 'ssh_timeout' };
const postponed: EventWords = { action: 'ssh_login_postponed', category: ['authentication'], type: ['info'], outcome: 'unknown' };
const certificate: EventWords = { action: 'ssh_certificate', category: ['authentication'], type: ['info'], outcome: 'success' };
const badCertificate: EventWords = { ...certificate, outcome: 'failure' };
const connection: EventWords = { action: 'ssh_connection', category: ['network'], type: ['connection', 'start'] };
const disconnected: EventWords = { action: 'ssh_disconnected', category: ['network'], type: ['connection', 'end'] };
const badHandshake: EventWords = {
  action: 'ssh_bad_handshake',
  category: ['network'],
  type: ['connection', 'protocol'],
  outcome: 'failure',
};
const dropped: EventWords = { action: 'ssh_connection_dropped', category: ['network'], type: ['connection', 'denied'], outcome: 'failure' };
const reverseMapping: EventWords = { action: 'ssh_reverse_mapping_failed', category: ['network'], type: ['info'], outcome: 'failure' };
const sessionStart: EventWords = { action: 'ssh_session_start', category: ['session'], type: ['start'], outcome: 'success' };
const sessionEnd: EventWords = { action: 'ssh_session_end', category: ['session'], type: ['end'] };
const subsystem: EventWords = { action: 'ssh_subsystem', category: ['session'], type: ['info'] };
const serverStarted: EventWords = { action: 'ssh_server_started', category: ['process'], type: ['start'], outcome: 'success' };
const serverStopped: EventWords = { action: 'ssh_server_stopped', category: ['process'], type: ['end'] };

const nobody = { 'linux.ssh.invalid_user': true };
const preauth = { 'linux.ssh.preauth': true };

const peer = 'from {source.address} port {source.port#}';
const at = '{source.address} port {source.port#}';

/** One form with and without ` ssh2` and the key behind it, most telling first. */
const withKey = (form: string, event: EventWords, set: MessageRow['set'] = {}): MessageRow[] => [
  { form: `${form} ssh2`, event, set },
  { form: `${form} ssh2: {linux.ssh.key_type} {linux.ssh.key_fingerprint}`, event, set },
  { form: `${form} ssh2: {linux.ssh.key_type} {linux.ssh.key_fingerprint} ID {linux.ssh.certificate~}`, event, set },
  { form: `${form} ssh2: {linux.ssh.key~}`, event, set },
  { form, event, set },
];

/** A form as it is before login, with its mark, and after. */
const alsoPreauth = (form: string, event: EventWords, set: MessageRow['set'] = {}): MessageRow[] => [
  { form: `${form} [preauth]`, event, set: { ...set, ...preauth } },
  { form, event, set },
];

/** Whom sshd was talking to, as newer versions name it. User names come from the peer: only the last `<address> port <n>` is sshd's. */
const whom = (before: string, after: string, event: EventWords): MessageRow[] => [
  ...alsoPreauth(`${before} invalid user {user.name*} ${at}${after}`, event, nobody),
  ...alsoPreauth(`${before} authenticating user {user.name*} ${at}${after}`, event),
  ...alsoPreauth(`${before} user {user.name*} ${at}${after}`, event),
  ...alsoPreauth(`${before} ${at}${after}`, event),
  ...alsoPreauth(`${before} {source.address}${after}`, event),
];

const refusals = (prefix: string): MessageRow[] => [
  { form: `${prefix}User {user.name*} from {source.address} not allowed because {event.reason~}`, event: userRefused },
  { form: `${prefix}User {user.name*} not allowed because {event.reason~}`, event: userRefused },
];

const messages: readonly MessageRow[] = [
  ...withKey(`Accepted {linux.ssh.method} for {user.name*} ${peer}`, accepted),
  ...withKey(`Failed {linux.ssh.method} for invalid user {user.name*} ${peer}`, failed, nobody),
  ...withKey(`Failed {linux.ssh.method} for illegal user {user.name*} ${peer}`, failed, nobody),
  ...withKey(`Failed {linux.ssh.method} for {user.name*} ${peer}`, failed),
  ...withKey(`Postponed {linux.ssh.method} for invalid user {user.name*} ${peer}`, postponed, nobody),
  ...alsoPreauth(`Postponed {linux.ssh.method} for invalid user {user.name*} ${peer} ssh2`, postponed, nobody),
  ...alsoPreauth(`Postponed {linux.ssh.method} for {user.name*} ${peer} ssh2`, postponed),
  ...withKey(`Partial {linux.ssh.method} for {user.name*} ${peer}`, postponed),
  ...['error: PAM: ', 'PAM: '].flatMap((prefix) =>
    [
      'Authentication failure',
      'User not known to the underlying authentication module',
      'User account has expired',
      'Permission denied',
    ].flatMap((reason): MessageRow[] => [
      {
        form: `${prefix}${reason} for illegal user {user.name*} from {source.address}`,
        event: failed,
        set: { ...nobody, 'linux.ssh.method': 'keyboard-interactive/pam', 'event.reason': reason },
      },
      {
        form: `${prefix}${reason} for {user.name*} from {source.address}`,
        event: failed,
        set: { 'linux.ssh.method': 'keyboard-interactive/pam', 'event.reason': reason },
      },
    ]),
  ),
  { form: `Invalid user {user.name*} ${peer}`, event: invalidUser, set: nobody },
  { form: 'Invalid user {user.name*} from {source.address}', event: invalidUser, set: nobody },
  ...['error: ', ''].flatMap((prefix) => [
    ...alsoPreauth(`${prefix}maximum authentication attempts exceeded for invalid user {user.name*} ${peer} ssh2`, maxAttempts, nobody),
    ...alsoPreauth(`${prefix}maximum authentication attempts exceeded for {user.name*} ${peer} ssh2`, maxAttempts),
  ]),
  ...whom('Disconnecting', ': Too many authentication failures', maxAttempts).map(withReason('Too many authentication failures')),
  ...alsoPreauth('Disconnecting: Too many authentication failures for {user.name*}', maxAttempts),
  ...alsoPreauth('Disconnecting: Too many authentication failures', maxAttempts),
  ...refusals(''),
  { form: `ROOT LOGIN REFUSED FROM ${at}`, event: rootRefused, set: { 'user.name': 'root' } },
  { form: `ROOT LOGIN REFUSED FROM ${at} [preauth]`, event: rootRefused, set: { 'user.name': 'root', ...preauth } },
  { form: 'ROOT LOGIN REFUSED FROM {source.address}', event: rootRefused, set: { 'user.name': 'root' } },
  ...['fatal: ', ''].flatMap((prefix): MessageRow[] => [
    {
      form: `${prefix}Timeout before authentication for connection from {source.address} to {destination.address}, pid = {-#}`,
      event: timedOut,
    },
    { form: `${prefix}Timeout before authentication for ${at}`, event: timedOut },
    { form: `${prefix}Timeout before authentication for {source.address}`, event: timedOut },
  ]),
  { form: `Connection ${peer} on {destination.address} port {destination.port#}`, event: connection },
  { form: `Connection ${peer} on {destination.address} port {destination.port#} rdomain {-~}`, event: connection },
  ...whom('Connection closed by', '', disconnected),
  ...whom('Connection reset by', '', disconnected),
  ...whom('Disconnected from', '', disconnected),
  ...alsoPreauth(`Received disconnect ${peer}:{-#}: {event.reason~}`, disconnected),
  ...alsoPreauth('Received disconnect from {source.address}: {-#}: {event.reason~}', disconnected),
  ...alsoPreauth(`Disconnecting invalid user {user.name*} ${at}: {event.reason~}`, disconnected, nobody),
  ...alsoPreauth(`Disconnecting authenticating user {user.name*} ${at}: {event.reason~}`, disconnected),
  ...alsoPreauth(`Disconnecting user {user.name*} ${at}: {event.reason~}`, disconnected),
  ...alsoPreauth(`Disconnecting ${at}: {event.reason~}`, disconnected),
  { form: `Did not receive identification string ${peer}`, event: badHandshake, set: { 'event.reason': 'no identification string' } },
  {
    form: 'Did not receive identification string from {source.address}',
    event: badHandshake,
    set: { 'event.reason': 'no identification string' },
  },
  {
    form: `Bad protocol version identification {linux.ssh.banner*} ${peer}`,
    event: badHandshake,
    set: { 'event.reason': 'bad protocol version' },
  },
  ...['error: ', ''].flatMap((prefix): MessageRow[] => [
    { form: `${prefix}kex_exchange_identification: {event.reason~}`, event: badHandshake },
    { form: `${prefix}banner exchange: Connection ${peer}: {event.reason~}`, event: badHandshake },
  ]),
  ...['fatal: ', 'error: ', ''].flatMap((prefix) => alsoPreauth(`${prefix}Unable to negotiate with ${at}: {event.reason~}`, badHandshake)),
  {
    form: 'drop connection #{-#} from [{source.address}]:{source.port#} on [{destination.address}]:{destination.port#} {event.reason~}',
    event: dropped,
  },
  { form: `Starting session: {linux.ssh.session*} for {user.name} ${peer} id {-#}`, event: sessionStart },
  { form: `Starting session: {linux.ssh.session*} for {user.name} ${peer}`, event: sessionStart },
  { form: `Close session: user {user.name*} ${peer} id {-#}`, event: sessionEnd },
  { form: 'subsystem request for {linux.ssh.subsystem} by user {user.name~}', event: subsystem },
  { form: 'subsystem request for {linux.ssh.subsystem}', event: subsystem },
  { form: 'Accepted certificate ID {linux.ssh.certificate~}', event: certificate },
  { form: 'error: Certificate invalid: {event.reason~}', event: badCertificate },
  { form: 'error: Refusing certificate ID {linux.ssh.certificate~}', event: badCertificate },
  { form: 'error: Authentication key {linux.ssh.key~} revoked by file {-~}', event: badCertificate, set: { 'event.reason': 'revoked' } },
  { form: 'Server listening on {-~}', event: serverStarted },
  { form: 'Received signal {-#}; terminating.', event: serverStopped },
  {
    form: 'reverse mapping checking getaddrinfo for {source.domain} [{source.address}] failed - POSSIBLE BREAK-IN ATTEMPT!',
    event: reverseMapping,
  },
  { form: 'reverse mapping checking getaddrinfo for {source.domain} [{source.address}] failed.', event: reverseMapping },
  {
    form: 'Address {source.address} maps to {source.domain}, but this does not map back to the address - POSSIBLE BREAK-IN ATTEMPT!',
    event: reverseMapping,
  },
  { form: 'Address {source.address} maps to {source.domain}, but this does not map back to the address.', event: reverseMapping },
];

function withReason(reason: string): (row: MessageRow) => MessageRow {
  return (row) => ({ ...row, set: { ...row.set, 'event.reason': reason } });
}

/** OpenSSH's server; since 9.8 its sessions and authentications are programs of their own. */
export const sshd: Mapping = {
  product: 'linux',
  dataset: 'linux.auth',
  appliesTo: { programs: ['sshd', 'sshd-session', 'sshd-auth'] },
  messages,
  reader: pam,
};
