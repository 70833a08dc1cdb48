/** Small programs that run where the shared values are, each as one step that no other node can get between. */
import { createHash } from 'node:crypto';

export interface Script {
  /** In Lua, for Redis. Its keys share one slot: one key, or keys with the same `{tag}`. */
  readonly lua: string;
  /** SHA-1 of `lua`, hexadecimal: what Redis knows it by. */
  readonly digest: string;
}

export const scriptOf = (lua: string): Script => ({
  lua,
  digest: createHash('sha1').update(lua).digest('hex'),
});

export interface Scripts {
  /** Are they answered? */
  readonly isUp: boolean;
  /**
   * What the program returns. Bounded in time.
   * @throws Fault CACHE_UNAVAILABLE: it is not known whether it ran
   */
  run(script: Script, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown>;
  /** For how long, in milliseconds, the store has been the same one and has answered; 0 while it does not. */
  steadyForMs(): number;
}
