import type { Mapping } from '../../normalize/mapping.ts';
import { pam } from './pam.ts';

/** PAM in the name of programs that have no mapping of their own: display managers, vsftpd, screen lockers. */
export const otherPam: Mapping = {
  product: 'linux',
  dataset: 'linux.auth',
  appliesTo: {
    texts: [
      { start: 'pam_', contains: ': ' },
      { start: 'PAM ', contains: ' more authentication failure' },
    ],
  },
  reader: pam,
};
