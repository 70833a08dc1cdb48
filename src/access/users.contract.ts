/** What every keeper of users must do, held against each adapter. */
import { expect, test } from 'vitest';
import { HOUSE_ACCOUNT, type UserId } from '../core/values/names.ts';
import type { NewUser, Users } from './users.ts';

const by = 'admin' as UserId;
const newcomer = (name: string, rest: Partial<NewUser> = {}): NewUser => ({
  username: name as UserId,
  passwordHash: `hash of ${name}`,
  role: 'TRADER',
  account: HOUSE_ACCOUNT,
  isDemo: false,
  ...rest,
});

/** `open` gives an empty keeper. */
export function usersContract(open: () => Promise<Users>): void {
  test('a user who was added is found with role, account and hash, and listed by name', async () => {
    const users = await open();
    await users.add(newcomer('zoe', { role: 'COMPLIANCE' }), by);
    await users.add(newcomer('ann', { isDemo: true }), by);
    const held = await users.credentials('zoe' as UserId);
    expect(held?.user.signedOutAt).toBeUndefined();
    expect(held?.passwordHash).toBe('hash of zoe');
    expect(held?.user).toMatchObject({
      role: 'COMPLIANCE',
      account: 'HOUSE',
      isDemo: false,
      isDisabled: false,
    });
    expect((await users.list()).map(({ username, isDemo }) => [username, isDemo])).toEqual([
      ['ann', true],
      ['zoe', false],
    ]);
    expect(Math.abs((held?.user.createdAt ?? 0) / 1000 - Date.now())).toBeLessThan(3_600_000);
  });

  test('a name nobody has leads to nobody', async () => {
    const users = await open();
    expect(await users.credentials('nobody' as UserId)).toBeUndefined();
    expect(await users.credentials("'; drop table users; --" as UserId)).toBeUndefined();
  });

  test('a name can be taken once', async () => {
    const users = await open();
    await users.add(newcomer('ann'), by);
    const second = users.add(newcomer('ann', { passwordHash: 'another' }), by);
    await expect(second).rejects.toMatchObject({ code: 'USER_EXISTS' });
    expect((await users.credentials('ann' as UserId))?.passwordHash).toBe('hash of ann');
  });

  test('disabling and enabling is seen, and a new password replaces the old one', async () => {
    const users = await open();
    const ann = 'ann' as UserId;
    await users.add(newcomer('ann'), by);
    await users.disable(ann, by);
    expect((await users.credentials(ann))?.user.isDisabled).toBe(true);
    await users.enable(ann, by);
    expect((await users.credentials(ann))?.user.isDisabled).toBe(false);
    const [listed] = await users.list();
    await users.setPassword(ann, 'new hash', by);
    expect((await users.credentials(ann))?.passwordHash).toBe('new hash');
    const [newest] = await users.list();
    expect(newest?.signedOutAt).toBeGreaterThanOrEqual(listed?.signedOutAt ?? Number.NaN);
  });

  test('what is asked of nobody is refused', async () => {
    const users = await open();
    const nobody = 'nobody' as UserId;
    await expect(users.disable(nobody, by)).rejects.toMatchObject({ code: 'USER_UNKNOWN' });
    await expect(users.enable(nobody, by)).rejects.toMatchObject({ code: 'USER_UNKNOWN' });
    await expect(users.setPassword(nobody, 'hash', by)).rejects.toMatchObject({ code: 'USER_UNKNOWN' });
  });

  test('every change has another version, and nothing else has', async () => {
    const users = await open();
    const versions = [await users.version()];
    await users.add(newcomer('ann'), by);
    versions.push(await users.version());
    await users.disable('ann' as UserId, by);
    versions.push(await users.version());
    await users.disable('nobody' as UserId, by).catch(() => {});
    expect(await users.version()).toBe(versions.at(-1));
    expect(new Set(versions).size).toBe(versions.length);
  });
}
