import { createHash } from 'node:crypto';
import { type FSWatcher, readFileSync, watch } from 'node:fs';
import { dirname } from 'node:path';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { EarshotError } from '../../lib/errors.ts';
import type { TlsSettings } from './settings.ts';

type Files = Pick<TlsSettings, 'certificate_file' | 'key_file' | 'client_ca_file'>;

/** Change events come in bursts while files are written; and some file systems have none, so it is looked at now and then anyway. */
const SETTLE_MS = 200;
const LOOK_EVERY_MS = 60_000;

export interface Certificates {
  readonly options: SecureContextOptions;
  /** Tells one content of the files from another. */
  readonly fingerprint: string;
}

/** Reads certificate, key and authorities, and checks that they fit. Throws EAR_CONFIG_INVALID naming the file. */
export function readCertificates(settings: Files, place: string): Certificates {
  const read = (setting: string, path: string): Buffer => {
    try {
      return readFileSync(path);
    } catch (error) {
      throw new EarshotError('EAR_CONFIG_INVALID', `${place}.${setting}: cannot read ${path} (${codeOf(error)})`, { cause: error });
    }
  };
  const cert = read('certificate_file', settings.certificate_file);
  const key = read('key_file', settings.key_file);
  const ca = settings.client_ca_file === undefined ? undefined : read('client_ca_file', settings.client_ca_file);
  const options: SecureContextOptions = { cert, key, minVersion: 'TLSv1.2', ...(ca !== undefined && { ca }) };
  try {
    createSecureContext(options);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new EarshotError('EAR_CONFIG_INVALID', `${place}: certificate, key and authorities do not work together: ${why}`, {
      cause: error,
    });
  }
  const hash = createHash('sha256');
  for (const part of [cert, key, ca ?? Buffer.alloc(0)]) hash.update(`${part.length}:`).update(part);
  return { options, fingerprint: hash.digest('hex') };
}

/** Calls `onChange` some time after one of the files, or a link on the way to it, may have changed. */
export function watchCertificates(settings: Files, onChange: () => void): { close(): void } {
  const paths = [settings.certificate_file, settings.key_file, settings.client_ca_file].filter((path) => path !== undefined);
  let settling: NodeJS.Timeout | undefined;
  const soon = () => {
    clearTimeout(settling);
    settling = setTimeout(onChange, SETTLE_MS).unref();
  };
  // The folders, not the files: renewals replace files by renaming, or turn a link above them.
  const watchers = [...new Set(paths.map((path) => dirname(path)))].flatMap((folder) => watchFolder(folder, soon));
  const timer = setInterval(onChange, LOOK_EVERY_MS).unref();
  return {
    close() {
      clearTimeout(settling);
      clearInterval(timer);
      for (const watcher of watchers) watcher.close();
    },
  };
}

function watchFolder(folder: string, onEvent: () => void): FSWatcher[] {
  try {
    return [watch(folder, { persistent: false }, onEvent).on('error', () => undefined)];
  } catch {
    // No watches left, or a file system without them: the timer does it.
    return [];
  }
}

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : String(error));
