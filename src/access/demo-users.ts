/** The contract's four demo users. Their passwords are public: they exist in demo mode alone. */
import { HOUSE_ACCOUNT, type UserId } from '../core/values/names.ts';
import { Fault } from '../faults/fault.ts';
import type { Passwords } from './passwords.ts';
import type { Role } from './permissions.ts';
import type { Users } from './users.ts';

interface DemoUser {
  readonly username: UserId;
  readonly password: string;
  readonly role: Role;
}

export const DEMO_USERS: readonly DemoUser[] = [
  { username: 'trader1' as UserId, password: 'trader123', role: 'TRADER' },
  { username: 'risk1' as UserId, password: 'risk123', role: 'RISK_MANAGER' },
  { username: 'compliance1' as UserId, password: 'compliance123', role: 'COMPLIANCE' },
  { username: 'admin' as UserId, password: 'admin123', role: 'ADMIN' },
];

/**
 * Adds those that are not there yet. A name that someone real took stays theirs.
 * @throws Fault DATABASE_UNAVAILABLE
 */
export async function addDemoUsers(users: Users, passwords: Passwords): Promise<void> {
  const taken = new Set((await users.list()).map(({ username }) => username));
  for (const { username, password, role } of DEMO_USERS) {
    if (taken.has(username)) continue;
    const passwordHash = await passwords.hash(password);
    const user = { username, passwordHash, role, account: HOUSE_ACCOUNT, isDemo: true };
    await users.add(user, 'system' as UserId).catch((error: unknown) => {
      const isThere = error instanceof Fault && error.code === 'USER_EXISTS'; // another process was faster
      if (!isThere) throw error;
    });
  }
}
