/** Networks from which a system takes everything for harmless. */
export interface TrustedNetworks {
  /** As the system writes them, such as `192.0.2.0/24`. */
  readonly cidrs: readonly string[];
  readonly asns: readonly number[];
}

/** What a system trusts, beside what the team's own lists say that it should. Networks are `192.0.2.0/24` or `AS64496`. */
export interface TrustCompared {
  readonly system: string;
  /** Another as soon as the system's list is another, or what would be added to it: who agrees to a change has seen both. */
  readonly version: string;
  readonly inSystem: readonly string[];
  readonly onlyInSystem: readonly string[];
  readonly onlyInLists: readonly string[];
  /** On the team's lists, and nothing that the system takes. */
  readonly notTaken: readonly string[];
}

/** What is wrong, under the codes of the API. */
export interface TrustFault {
  readonly code: 'EAR_ACT_SYSTEM' | 'EAR_ACT_REFUSED' | 'EAR_API_CONFLICT';
  readonly message: string;
}

export interface TrustWish {
  readonly system: string | undefined;
  /** Of the comparison that was seen. */
  readonly version: string;
  /** Whether the system is to trust what only the lists have. */
  readonly add: boolean;
  /** Networks that it is to trust no more. */
  readonly remove: readonly string[];
}

export interface TrustChanged {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** How it is now, read after it was written. */
  readonly now: TrustCompared;
}
