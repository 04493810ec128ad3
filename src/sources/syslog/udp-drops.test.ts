import { expect, it } from 'vitest';
import { parseUdpTable } from './udp-drops.ts';

it('reads drops and inode of each socket', () => {
  const table = [
    '   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops            ',
    '  123: 0100007F:158A 00000000:0000 07 00000000:00000000 00:00000000 00000000  1000        0 31337 2 0000000000000000 42        ',
    '',
  ].join('\n');
  expect(parseUdpTable(table)).toEqual([{ local: '0100007F:158A', inode: '31337', drops: 42 }]);
});
