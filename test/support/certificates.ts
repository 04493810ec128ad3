import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

/** Makes a certificate authority in `folder`, and gives certificates of it; paths of PEM files. */
export function certificateAuthority(
  folder: string,
  name = 'test authority',
): { readonly certificate: string; issue(commonName: string): KeyPair } {
  const ca = pair(folder, `ca-${name}`);
  openssl([
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-days',
    '2',
    '-subj',
    `/CN=${name}`,
    '-keyout',
    ca.key,
    '-out',
    ca.certificate,
  ]);
  let issued = 0;
  return {
    certificate: ca.certificate,
    issue(commonName) {
      issued += 1;
      const to = pair(folder, `${commonName}-${issued}`);
      const request = join(folder, `${commonName}-${issued}.csr`);
      const extensions = join(folder, `${commonName}-${issued}.ext`);
      writeFileSync(
        extensions,
        `subjectAltName=DNS:${commonName},IP:127.0.0.1\nkeyUsage=digitalSignature,keyEncipherment\nextendedKeyUsage=serverAuth,clientAuth\n`,
      );
      openssl(['req', '-new', '-newkey', 'rsa:2048', '-nodes', '-subj', `/CN=${commonName}`, '-keyout', to.key, '-out', request]);
      openssl([
        'x509',
        '-req',
        '-in',
        request,
        '-CA',
        ca.certificate,
        '-CAkey',
        ca.key,
        '-CAcreateserial',
        '-days',
        '2',
        '-extfile',
        extensions,
        '-out',
        to.certificate,
      ]);
      return to;
    },
  };
}

const pair = (folder: string, name: string): KeyPair => {
  const file = name.replace(/[^A-Za-z0-9.-]/g, '_');
  return { certificate: join(folder, `${file}.pem`), key: join(folder, `${file}.key`) };
};

function openssl(args: readonly string[]): void {
  execFileSync('openssl', args, { stdio: 'pipe' });
}
