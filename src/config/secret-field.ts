import { z } from 'zod';
import { Secret } from '../lib/secret.ts';

/** A setting that must never be shown. Every secret setting is made with this, so redaction needs no list of names. */
export const secret = () =>
  z
    .string()
    .min(1)
    .transform((value) => new Secret(value))
    .meta({ secret: true });
