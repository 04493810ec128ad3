import { statSync } from 'node:fs';
import { openDoorFault } from './api/settings.ts';
import type { ConfigFault } from './config/fault.ts';
import { compileRoutes } from './hub/configuration/routes-compiler.ts';
import { readApiCertificates } from './hub/upkeep/api-certificates.ts';
import { NOTIFIERS } from './integrations/index.ts';
import { EarshotError } from './lib/errors.ts';
import type { Settings } from './settings.ts';
import { isLoopback, parseListen } from './sources/listen.ts';
import { readCertificates } from './sources/syslog/certificates.ts';
import type { SyslogSettings, TlsSettings } from './sources/syslog/settings.ts';

/** What no schema sees: routes to nowhere, folders and certificates that are not there, two listeners on one port. */
export function settingsFaults(settings: Settings, sound: (key: string) => boolean = () => true): ConfigFault[] {
  const routes = sound('notifiers') ? compileRoutes(settings) : undefined;
  return [
    ...(routes === undefined || routes.ok ? [] : routes.error),
    ...(sound('notifiers') && sound('listening') ? listeningFaults(settings) : []),
    ...(sound('notifiers') && sound('digests') ? digestFaults(settings) : []),
    ...(sound('notifiers') && sound('asking') && sound('api') ? askingFaults(settings) : []),
    ...folderFaults(settings),
    ...certificateFaults(settings),
    ...listenFaults(settings),
    ...apiFaults(settings),
  ];
}

function listeningFaults({ listening, notifiers }: Settings): ConfigFault[] {
  return listening.flatMap(({ to }, i) => {
    const path = `listening[${i}].to`;
    const type = Object.hasOwn(notifiers, to) ? notifiers[to]?.type : undefined;
    if (type === 'slack_bot') return [];
    return [
      {
        path,
        message: type === undefined ? `there is no notifier "${to}"` : `${to} is of type ${type}: only slack_bot can tell one place alone`,
      },
    ];
  });
}

function digestFaults({ digests, notifiers }: Settings): ConfigFault[] {
  return digests.flatMap(({ to, channel }, i) => {
    const type = Object.hasOwn(notifiers, to) ? notifiers[to]?.type : undefined;
    const path = `digests[${i}].to`;
    if (type === undefined) return [{ path, message: `there is no notifier "${to}"` }];
    const { whisper } = NOTIFIERS.find((definition) => definition.type === type) ?? {};
    if (whisper === undefined) return [{ path, message: `${to} is of type ${type}, which tells alerts alone` }];
    if (channel === undefined || type === 'slack_bot') return [];
    return [{ path: `digests[${i}].channel`, message: `${to} is of type ${type}, which has but one channel: leave it out` }];
  });
}

/** Where people are asked, their answers go to an address that is written down, and cross no network in the clear. */
function askingFaults({ asking: { by }, notifiers, api: { public_url: url } }: Settings): ConfigFault[] {
  if (by === undefined) return [];
  const path = 'asking.by';
  const type = Object.hasOwn(notifiers, by) ? notifiers[by]?.type : undefined;
  if (type === undefined) return [{ path, message: `there is no notifier "${by}"` }];
  if (type !== 'mail') return [{ path, message: `${by} is of type ${type}: people are asked by mail` }];
  if (url === undefined) return [{ path, message: 'set api.public_url: the links in the mail lead there' }];
  const isSafe = url.startsWith('https:') || isLoopback(new URL(url).hostname);
  return isSafe ? [] : [{ path, message: `api.public_url (${url}) must be https: answers would cross the network in the clear` }];
}

function folderFaults({ rules }: Settings): ConfigFault[] {
  return rules.folders.flatMap((folder, i) => {
    const path = `rules.folders[${i}]`;
    const found = statSync(folder, { throwIfNoEntry: false });
    if (found === undefined) return [{ path, message: `there is no folder ${folder}` }];
    return found.isDirectory() ? [] : [{ path, message: `${folder} is not a folder` }];
  });
}

function certificateFaults({ sources }: Settings): ConfigFault[] {
  return Object.entries(sources).flatMap(([name, source]) => {
    if (source.type !== 'syslog') return [];
    const { tls, relp } = source;
    return [
      ...(tls === false ? [] : certificateFault(() => readCertificates(tls, `sources.${name}.tls`))),
      ...(relp === false ? [] : relpFaults(name, relp.tls)),
    ];
  });
}

const relpFaults = (name: string, tls: false | TlsSettings): ConfigFault[] =>
  tls === false ? [] : certificateFault(() => readCertificates(tls, `sources.${name}.relp.tls`));

function apiFaults({ api }: Settings): ConfigFault[] {
  const { tls } = api;
  const open = openDoorFault(api);
  return [
    ...(open === undefined ? [] : [{ path: 'api.listen', message: open }]),
    ...(tls === false ? [] : certificateFault(() => readApiCertificates(tls))),
  ];
}

function certificateFault(read: () => unknown): ConfigFault[] {
  try {
    read();
    return [];
  } catch (error) {
    if (!(error instanceof EarshotError)) throw error;
    const colon = error.message.indexOf(': ');
    return [{ path: error.message.slice(0, colon), message: error.message.slice(colon + 2) }];
  }
}

interface Listener {
  readonly path: string;
  readonly layer: 'udp' | 'tcp';
  readonly host: string;
  readonly port: number;
}

function listenFaults({ api, sources }: Settings): ConfigFault[] {
  const faults: ConfigFault[] = [];
  const listeners: Listener[] = [];
  const add = (path: string, layer: Listener['layer'], text: string) => {
    const parsed = parseListen(text);
    if (!parsed.ok) faults.push({ path, message: parsed.error });
    else if (parsed.value.port !== 0) listeners.push({ path, layer, ...parsed.value });
  };
  add('api.listen', 'tcp', api.listen);
  for (const [name, source] of Object.entries(sources)) {
    if (source.type !== 'syslog') continue;
    for (const [kind, { listen }] of doorsOf(source)) add(`sources.${name}.${kind}.listen`, kind === 'udp' ? 'udp' : 'tcp', listen);
  }
  listeners.forEach((one, i) => {
    const other = listeners.slice(0, i).find((before) => clash(before, one));
    if (other !== undefined) faults.push({ path: one.path, message: `${other.path} listens on ${one.layer} port ${one.port} already` });
  });
  return faults;
}

const doorsOf = (source: SyslogSettings): ['udp' | 'tcp' | 'tls' | 'relp', { readonly listen: string }][] =>
  (['udp', 'tcp', 'tls', 'relp'] as const).flatMap((kind) => {
    const door = source[kind];
    return door === false ? [] : [[kind, door]];
  });

const clash = (a: Listener, b: Listener): boolean =>
  a.layer === b.layer && a.port === b.port && (hostOf(a) === hostOf(b) || isAny(a.host) || isAny(b.host));

const hostOf = ({ host }: Listener): string => (host === 'localhost' ? '127.0.0.1' : host.toLowerCase());
const isAny = (host: string): boolean => host === '0.0.0.0' || host === '::';
