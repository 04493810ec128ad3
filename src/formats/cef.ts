/** One CEF message (OpenText CEF Implementation Standard v27). */
export interface Cef {
  readonly version: number;
  readonly vendor: string;
  readonly product: string;
  readonly productVersion: string;
  readonly classId: string;
  readonly name: string;
  readonly severity: string;
  /** By key as sent, such as `src`; the last of equal keys wins. */
  readonly extension: Readonly<Record<string, string>>;
}
