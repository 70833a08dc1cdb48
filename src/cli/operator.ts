/** Who runs a command, for the record: the operating system's name of whoever does. */
import { userInfo } from 'node:os';
import type { UserId } from '../core/values/names.ts';

export const operator = (): UserId => `cli:${userInfo().username}` as UserId;
