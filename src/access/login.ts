/** Name and password in, user out. A wrong name, a wrong password and a disabled user look the same, and take as long. */
import { Fault } from '../faults/fault.ts';
import type { Directory } from './directory.ts';
import type { Throttle } from './login-throttle.ts';
import type { Passwords } from './passwords.ts';
import { type User, type Users, usernameOf } from './users.ts';

export class Login {
  readonly #users: Users;
  readonly #passwords: Passwords;
  readonly #throttle: Throttle;
  readonly #directory: Directory;

  constructor(users: Users, passwords: Passwords, throttle: Throttle, directory: Directory) {
    this.#users = users;
    this.#passwords = passwords;
    this.#throttle = throttle;
    this.#directory = directory;
  }

  /**
   * Who it is. `address` is the client's.
   * @throws Fault CREDENTIALS_INVALID, LOGIN_THROTTLED, RATE_LIMITED or DATABASE_UNAVAILABLE
   */
  async attempt(name: string, password: string, address: string): Promise<User> {
    await this.#throttle.begin(name.toLowerCase(), address);
    const user = await this.#verified(name, password).catch(async (trouble: unknown) => {
      await this.#throttle.undo(name.toLowerCase(), address); // nobody said the password was wrong
      throw trouble;
    });
    if (user === undefined || !this.#directory.admits(user)) throw new Fault('CREDENTIALS_INVALID');
    await this.#throttle.forget(name.toLowerCase(), address);
    const isAddedJustNow = this.#directory.find(user.username) === undefined;
    if (isAddedJustNow || this.#directory.isStale) await this.#directory.refresh(); // or the token would be of no use
    return user;
  }

  async #verified(name: string, password: string): Promise<User | undefined> {
    const username = usernameOf(name);
    const held = username === undefined ? undefined : await this.#users.credentials(username);
    const isRight = await this.#passwords.verify(held?.passwordHash, password);
    return isRight ? held?.user : undefined;
  }
}
