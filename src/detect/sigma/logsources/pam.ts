import { has, type LogSource } from '../logsource.ts';

const DEVICE = ['observer.vendor', 'observer.product'] as const;

export const PAM: readonly LogSource[] = [
  { product: 'osirium', route: [has(DEVICE, 'osirium')] },
  { product: 'segura', route: [has(DEVICE, 'segura', 'senhasegura')] },
  { product: 'senhasegura', route: [has(DEVICE, 'segura', 'senhasegura')] },
];
