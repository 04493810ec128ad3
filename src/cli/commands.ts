import { backtest } from './backtest.ts';
import { check } from './check.ts';
import type { Command } from './command.ts';
import { config } from './config.ts';
import { convert } from './convert.ts';
import { demo } from './demo.ts';
import { digest } from './digest.ts';
import { explainRule } from './explain.ts';
import { importFiles } from './import.ts';
import { match } from './match.ts';
import { reload } from './reload.ts';
import { run } from './run.ts';
import { schema } from './schema.ts';
import { search } from './search.ts';
import { signOut } from './sign-out.ts';
import { testRules } from './test.ts';
import { token } from './token.ts';
import { trustedNetworks } from './trusted-networks.ts';
import { tryOut } from './try.ts';
import { user } from './user.ts';
import { verify } from './verify.ts';

/** Every command, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  run,
  demo,
  search,
  importFiles,
  tryOut,
  match,
  check,
  testRules,
  explainRule,
  backtest,
  convert,
  digest,
  verify,
  reload,
  signOut,
  trustedNetworks,
  user,
  token,
  config,
  schema,
];
