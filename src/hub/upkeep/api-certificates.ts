import { Server } from 'node:https';
import type { FastifyInstance } from 'fastify';
import { type Certificates, readCertificates, watchCertificates } from '../../sources/syslog/certificates.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';

interface Files {
  readonly certificate_file: string;
  readonly key_file: string;
}

const PLACE = 'api.tls';

/** Throws EAR_CONFIG_INVALID naming the file. */
export const readApiCertificates = (files: Files): Certificates => readCertificates(files, PLACE);

/** Renewed files are used for new connections; files that cannot be used change nothing, and are told. */
export function followCertificates(api: FastifyInstance, files: Files, telemetry: Telemetry): { close(): void } {
  let { fingerprint } = readApiCertificates(files);
  return watchCertificates(files, () => {
    try {
      const fresh = readApiCertificates(files);
      if (fresh.fingerprint === fingerprint || !(api.server instanceof Server)) return;
      fingerprint = fresh.fingerprint;
      api.server.setSecureContext(fresh.options);
      telemetry.log('info', 'new certificates of the page and the API are in use');
    } catch (error) {
      telemetry.log('error', `${error instanceof Error ? error.message : String(error)}; the certificates before them stay in use`);
    }
  });
}
