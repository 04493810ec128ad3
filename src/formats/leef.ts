/** One LEEF message (IBM Log Event Extended Format 1.0 or 2.0). */
export interface Leef {
  readonly version: '1.0' | '2.0';
  readonly vendor: string;
  readonly product: string;
  readonly productVersion: string;
  readonly eventId: string;
  readonly attributes: Readonly<Record<string, string>>;
}
