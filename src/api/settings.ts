import { z } from 'zod';

/** Settings of the HTTP API, which the HTTP sources share. */
export const apiSettings = z
  .strictObject({
    listen: z
      .string()
      .regex(/^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+):\d{1,5}$/, 'write it as host:port, such as 127.0.0.1:8484 or [::1]:8484')
      .default('127.0.0.1:8484')
      .describe('Address and port of the API and of HTTP sources. Plain HTTP: beyond loopback put a TLS proxy in front.'),
  })
  .prefault({})
  .describe('The HTTP API.');

export type ApiSettings = z.output<typeof apiSettings>;
