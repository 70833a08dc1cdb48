#!/usr/bin/env node
/** The launcher: plain JavaScript, so that an old Node can read it, find the right one and hand over. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import * as modules from 'node:module';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NODE_MAJOR_MIN = 24;
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const major = Number(process.versions.node.split('.')[0]);

/** The Node that `npm ci` brought along; undefined where npm has none for this machine. */
function nodeFromNpm() {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const file = process.platform === 'win32' ? 'node.exe' : 'node';
  const candidates = [
    join(root, 'node_modules', `node-${platform}-${process.arch}`, 'bin', file),
    join(root, 'node_modules', '.bin', file),
  ];
  return candidates.find((candidate) => existsSync(candidate));
}

/** Says what is wrong and what helps, and ends. */
function giveUp(problem, remedy) {
  process.stderr.write(`itirp: ${problem}\n       ${remedy}\n`);
  process.exit(1);
}

/**
 * Runs the same command line under `node`; signals go in, the exit code comes out. No word passes over the channel:
 * that it breaks tells the child that we were killed.
 */
function handOverTo(node) {
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  const isAtTerminal = process.stdin.isTTY === true;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']) {
    process.on(signal, () => {
      // A terminal sends Ctrl-C to the whole group: the child has it already, and a second one would hurry it.
      const hasItAlready = isAtTerminal && (signal === 'SIGINT' || signal === 'SIGQUIT');
      if (!hasItAlready) child.kill(signal);
    });
  }
  child.on('error', (error) => giveUp(`${node} does not run: ${error.message}`, 'Run `npm ci` again.'));
  child.on('exit', (code, signal) => {
    process.exit(code ?? 128 + (constants.signals[signal] ?? 0));
  });
}

if (major >= NODE_MAJOR_MIN) {
  if (!existsSync(join(root, 'node_modules')))
    giveUp('its libraries are not installed.', 'Run `npm ci` first.');
  // What Node makes of our TypeScript is kept beside the libraries, where only who installs may write: half of a start.
  modules.enableCompileCache(join(root, 'node_modules', '.cache', 'itirp'));
  const { run } = await import('../src/cli/itirp.ts');
  modules.flushCompileCache(); // now, since a server may be killed
  await run();
} else {
  const node = nodeFromNpm();
  if (node !== undefined) handOverTo(node);
  else {
    giveUp(
      `this is Node ${process.versions.node}, and ${NODE_MAJOR_MIN} or newer is needed.`,
      'Run `npm ci`, which brings one for Linux and Windows; elsewhere install it from https://nodejs.org.',
    );
  }
}
