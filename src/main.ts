import { type Command, FAULTS, GOOD, helpOf, readCall, UsageError, WRONG_USE } from './cli/command.ts';
import { COMMANDS } from './cli/commands.ts';
import { EarshotError } from './lib/errors.ts';

process.exitCode = await main(process.argv.slice(2));

async function main([name, ...args]: readonly string[]): Promise<number> {
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    process.stdout.write(overview());
    return name === undefined ? WRONG_USE : GOOD;
  }
  const command = COMMANDS.find((c) => c.name === name);
  if (command === undefined) return wrongUse(`there is no command "${name}"`, 'earshot --help');
  try {
    const call = readCall(command, args);
    if (!call.flag('help')) return await command.run(call);
    process.stdout.write(helpOf(command));
    return GOOD;
  } catch (error) {
    return report(command, error);
  }
}

function report(command: Command, error: unknown): number {
  if (error instanceof UsageError) return wrongUse(error.message, `earshot ${command.name} --help`);
  if (error instanceof EarshotError) process.stderr.write(`earshot: ${error.message} (${error.code})\n${error.hint}\n`);
  else process.stderr.write(`earshot: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return FAULTS;
}

function wrongUse(message: string, help: string): number {
  process.stderr.write(`earshot: ${message}. See: ${help}\n`);
  return WRONG_USE;
}

function overview(): string {
  const lines = COMMANDS.map((c) => `  ${c.name.padEnd(10)}${c.summary}`);
  return `Earshot hears security events about people and privileged access, keeps them, and tells the right people.\n\nUsage: earshot COMMAND [options]\n\n${lines.join('\n')}\n\nearshot COMMAND --help shows options and examples. Exit codes: 0 good, 1 faults found, 2 wrong use.\n`;
}
