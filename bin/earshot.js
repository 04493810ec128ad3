#!/usr/bin/env node
// Runs the command line on the Node that package.json pins, whatever Node started this file.
import { spawn } from 'node:child_process';
import nodeModule, { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const main = join(root, 'src', 'main.ts');
const major = Number(process.versions.node.split('.')[0]);

// What was compiled once is read the next time: a command starts in half the time. Beside the packages, where only who installed them can
// write; Node's own choice is a folder that everyone on the machine shares. Threads and processes of the hub find it in the environment.
process.env.NODE_COMPILE_CACHE ??= join(root, 'node_modules', '.cache', 'earshot');

if (major >= 24) {
  nodeModule.enableCompileCache(process.env.NODE_COMPILE_CACHE);
  await import(pathToFileURL(main).href);
} else {
  const node = pinnedNode();
  if (node === undefined) {
    process.stderr.write(
      `earshot: Node 24 is needed. This is ${process.version}, and no pinned Node is installed for ${process.platform}-${process.arch}: run npm install.\n`,
    );
    process.exit(2);
  }
  runOn(node);
}

function pinnedNode() {
  try {
    const manifest = createRequire(import.meta.url).resolve(`node-${process.platform}-${process.arch}/package.json`);
    return join(dirname(manifest), 'bin', 'node');
  } catch {
    return undefined;
  }
}

function runOn(node) {
  // The channel tells the child when this process is killed: without it a hub would run on that nobody knows of.
  const child = spawn(node, [main, ...process.argv.slice(2)], { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  // Ctrl-C reaches the child by itself, as it does everything in the terminal's foreground.
  process.on('SIGINT', () => {
    if (!process.stdin.isTTY) child.kill('SIGINT');
  });
  child.on('exit', (code, signal) => {
    process.exitCode = signal ? 1 : (code ?? 1);
  });
}
