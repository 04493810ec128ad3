import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { nearest } from '../config/nearest.ts';

/** Exit codes that scripts rely on. */
export const GOOD = 0;
export const FAULTS = 1;
export const WRONG_USE = 2;

export interface Option {
  readonly type: 'string' | 'boolean';
  readonly short?: string;
  /** What stands for the value in the help, such as `DIR`. */
  readonly value?: string;
  readonly describe: string;
}

export interface Call {
  readonly positionals: readonly string[];
  text(name: string): string | undefined;
  flag(name: string): boolean;
}

/** One command of the command line. Results go to standard output, talk to standard error. */
export interface Command {
  readonly name: string;
  readonly summary: string;
  /** Arguments as the help shows them, such as `FILE…`. */
  readonly operands?: string;
  /** Least and most operands. */
  readonly operandCount: readonly [least: number, most: number];
  readonly options: Readonly<Record<string, Option>>;
  readonly examples: readonly string[];
  run(call: Call): Promise<number>;
}

/** Wrong use of the command line; printed with a hint at the help, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const CONFIG_OPTION: Option = {
  type: 'string',
  short: 'c',
  value: 'FILE',
  describe: 'configuration (default: earshot.yaml, where there is one)',
};
export const DATA_DIR_OPTION: Option = {
  type: 'string',
  value: 'DIR',
  describe: "data folder (default: the configuration's, else ./data)",
};
export const JSON_OPTION: Option = { type: 'boolean', describe: 'one JSON object a line on standard output' };
const HELP_OPTION: Option = { type: 'boolean', short: 'h', describe: 'this help' };

/** The words of an option that takes several, separated by commas. */
export const listOf = (text: string): string[] =>
  text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');

/** Reads a command's arguments. Throws {@link UsageError}. */
export function readCall(command: Command, args: readonly string[]): Call {
  const known: ParseArgsOptionsConfig = Object.fromEntries(
    Object.entries({ ...command.options, help: HELP_OPTION }).map(([name, { type, short }]) => [name, { type, ...(short && { short }) }]),
  );
  const { values, positionals } = parse(args, known);
  const [least, most] = command.operandCount;
  if (!values.help && (positionals.length < least || positionals.length > most)) {
    throw new UsageError(`${command.name} takes ${command.operands ?? 'no operand'}`);
  }
  return {
    positionals,
    text: (name) => (typeof values[name] === 'string' ? values[name] : undefined),
    flag: (name) => values[name] === true,
  };
}

function parse(args: readonly string[], options: ParseArgsOptionsConfig): { values: Record<string, unknown>; positionals: string[] } {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const unknown = /^Unknown option '(-[^']*)'/.exec(message)?.[1];
    throw new UsageError(unknown === undefined ? message : `there is no option ${unknown}${hint(unknown, Object.keys(options))}`);
  }
}

function hint(unknown: string, options: readonly string[]): string {
  const meant = nearest(
    unknown,
    options.map((name) => `--${name}`),
  );
  return meant === undefined ? '' : `; did you mean ${meant}?`;
}

export function helpOf(command: Command): string {
  const options = Object.entries({ ...command.options, help: HELP_OPTION }).map(([name, option]) => {
    const short = option.short === undefined ? '    ' : `-${option.short}, `;
    return `  ${`${short}--${name}${option.value === undefined ? '' : ` ${option.value}`}`.padEnd(26)}${option.describe}`;
  });
  const usage = ['earshot', command.name, command.operands, '[options]'].filter((word) => word !== undefined).join(' ');
  return `${command.summary}\n\nUsage: ${usage}\n\nOptions:\n${options.join('\n')}\n\nExamples:\n${command.examples.map((e) => `  ${e}`).join('\n')}\n`;
}
