import { linuxLine } from '../linux-hosts.ts';
import { signInFailed } from '../pam-osirium.ts';
import { Chance, DAY, HOUR, SECOND } from './chance.ts';
import { hostOf } from './estate.ts';
import type { Line } from './line.ts';
import { deskOf, personOf } from './people.ts';

/**
 * What real systems send and nobody can read as it was meant: a message that was cut on its way, and a machine whose clock stands at 1970. Of the last day
 * before the story alone: a hub puts what has no time to when it came.
 */
export function brokenLines(day: number, { seed, toldAt }: { readonly seed: number; readonly toldAt: number }): Line[] {
  const chance = new Chance(seed, 'broken', day);
  const booted = day + 4 * HOUR;
  const proxy = hostOf('proxy01');
  const [, year1970 = ''] = linuxLine({ at: 9 * SECOND, host: proxy, program: 'sshd', pid: 611, text: '' }).text.split(/[> ]/);
  const early = linuxLine({ at: booted, host: proxy, program: 'sshd', pid: 611, text: 'Server listening on 0.0.0.0 port 22.' });
  const lines = [
    ...chance.times(3, day, day + DAY).map((at) => {
      const whole = signInFailed(at, { person: personOf('gmarsh'), address: deskOf(personOf('gmarsh')) });
      return { ...whole, text: whole.text.slice(0, whole.text.indexOf('|User')) };
    }),
    { ...early, text: early.text.replace(/>\S+/, `>${year1970}`) },
  ];
  return lines.filter(({ at }) => at >= toldAt - DAY);
}
