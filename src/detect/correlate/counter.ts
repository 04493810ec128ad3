/** What has rows in the table of hits: a correlation or a baseline, as far as writing its rows goes. */
export interface HitCounter {
  /** `<id>@<hash of what decides>`. */
  readonly identity: string;
  /** Rules whose hits are counted; undefined where a ref is no rule. A row's `ref` is the index. */
  readonly refs: readonly (string | undefined)[];
  /** For each ref, for each value of the group, the paths to try. An event without one of the values is not counted. */
  readonly groupPaths: readonly (readonly (readonly string[])[])[];
  /** For each ref, the fields of `values`, each with the paths to try. */
  readonly fieldPaths: readonly (readonly (readonly string[])[])[];
  /** What `fieldPaths` are read as. An event without it, or whose value is no number where one is wanted, is not counted. */
  readonly values: 'none' | 'text' | 'number';
}
