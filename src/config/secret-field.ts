import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { Secret } from '../lib/secret.ts';

/**
 * A setting that must never be shown. Every secret setting is made with this, so redaction needs no list of names.
 * `file:/path` takes the secret from a file (one trailing line end is dropped), as container platforms mount them.
 * An empty text ends the check of what is around it too, which may count on a secret.
 */
export const secret = () => z.string().min(1, { abort: true, error: 'must not be empty' }).transform(readSecret).meta({ secret: true });

function readSecret(text: string, context: z.RefinementCtx<string>): Secret {
  if (!text.startsWith('file:')) return new Secret(text);
  const path = text.slice('file:'.length);
  try {
    const value = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
    if (value !== '') return new Secret(value);
    context.addIssue({ code: 'custom', message: `the secret file ${path} is empty` });
  } catch (error) {
    context.addIssue({
      code: 'custom',
      message: `cannot read the secret file ${path} (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`,
    });
  }
  return z.NEVER;
}
