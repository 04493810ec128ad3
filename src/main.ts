import { type Command, FAULTS, GOOD, helpOf, readCall, UsageError, WRONG_USE } from './cli/command.ts';
import { COMMANDS } from './cli/commands.ts';
import { output } from './cli/output.ts';
import { nearest } from './config/nearest.ts';
import { EarshotError } from './lib/errors.ts';

endWithStarter();
process.exitCode = await main(process.argv.slice(2));

/** `bin/earshot.js` on an older Node starts this process and waits for it: when it is gone, this one stops in order. */
function endWithStarter(): void {
  if (process.channel === undefined || process.channel === null) return;
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  process.channel.unref();
}

async function main([name, ...args]: readonly string[]): Promise<number> {
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    await output.print(overview());
    return name === undefined ? WRONG_USE : GOOD;
  }
  const command = COMMANDS.find((c) => c.name === name);
  if (command === undefined) {
    const meant = nearest(
      name,
      COMMANDS.map((c) => c.name),
    );
    return wrongUse(`there is no command "${name}"${meant === undefined ? '' : `; did you mean ${meant}?`}`, 'earshot --help');
  }
  try {
    const call = readCall(command, args);
    if (!call.flag('help')) return await command.run(call);
    await output.print(helpOf(command));
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
