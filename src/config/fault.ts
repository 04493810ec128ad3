/** One thing wrong in the configuration: where it is, what is wrong, and how to mend it. */
export interface ConfigFault {
  /** Dotted path, such as `sources.office.listen`; empty for the document itself. */
  readonly path: string;
  /** Line and column in the file, from 1; absent where a default is at fault. */
  readonly line?: number;
  readonly column?: number;
  readonly message: string;
}

/** `earshot.yaml:12:3 sources.office.lisen: unknown setting; did you mean "listen"?` */
export function printFault(file: string, fault: ConfigFault): string {
  const place = fault.line === undefined ? file : `${file}:${fault.line}:${fault.column ?? 1}`;
  return `${place} ${fault.path === '' ? '(document)' : fault.path}: ${fault.message}`;
}

/** Something wrong in a file that the configuration names: where, and how to mend it. */
export interface FileFault {
  readonly file: string;
  readonly line: number;
  readonly message: string;
}
