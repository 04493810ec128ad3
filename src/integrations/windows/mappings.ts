import type { Mapping } from '../../normalize/mapping.ts';
import { type Kind, NO_KINDS, POWERSHELL, SECURITY, SYSMON, SYSTEM } from './kinds.ts';
import { readMeaning, WRITES } from './meaning.ts';
import { asWinlog, channelOf } from './record.ts';
import { snareRecord, snareShapes } from './snare.ts';

interface Channel {
  readonly dataset: string;
  /** In lower case, as {@link channelOf} gives it. */
  readonly claims: (channel: string) => boolean;
  readonly kinds: ReadonlyMap<string, Kind>;
  /** As Snare writes it; Snare sends the classic logs only. */
  readonly snare?: string;
}

const named =
  (...names: readonly string[]) =>
  (channel: string): boolean =>
    names.includes(channel);

/** The first that claims a channel has it. */
const CHANNELS: readonly Channel[] = [
  { dataset: 'windows.security', claims: named('security'), kinds: SECURITY, snare: 'Security' },
  { dataset: 'windows.system', claims: named('system'), kinds: SYSTEM, snare: 'System' },
  { dataset: 'windows.sysmon', claims: named('microsoft-windows-sysmon/operational'), kinds: SYSMON },
  {
    dataset: 'windows.powershell',
    claims: named('microsoft-windows-powershell/operational', 'powershellcore/operational'),
    kinds: POWERSHELL,
  },
  { dataset: 'windows.other', claims: () => true, kinds: NO_KINDS, snare: 'Application' },
];

/** The event logs of Windows, as Winlogbeat, Elastic Agent, NXLog and Snare send them; README.md beside this file says what each event becomes. */
export const windowsMappings: readonly Mapping[] = CHANNELS.map(({ dataset, claims, kinds, snare }) => ({
  product: 'windows',
  prefix: 'winlog',
  dataset,
  appliesTo: snare === undefined ? {} : { texts: snareShapes(snare) },
  records: {
    writes: WRITES,
    events: [...kinds.values()].map(({ words }) => words),
    claims(record) {
      const channel = channelOf(record);
      return channel !== undefined && claims(channel);
    },
    fromText: snareRecord,
    asEcs: asWinlog,
    read: (event) => readMeaning(event, kinds),
  },
}));
