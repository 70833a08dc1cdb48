/** Where what the stack runs on is kept: one folder, outside version control, filled once and shared by all runs. */
import { join, resolve } from 'node:path';

const ROOT = join(import.meta.dirname, '..');

/** The stack's folder: STACK_DIR, else `.stack` in the checkout. */
export const stackFolder = (): string => {
  const chosen = process.env.STACK_DIR;
  return resolve(chosen === undefined || chosen === '' ? join(ROOT, '.stack') : chosen);
};

/** Jars and unpacked packages; tests that start a service of their own use these too. */
export const softwareFolder = (): string => join(stackFolder(), 'software');
