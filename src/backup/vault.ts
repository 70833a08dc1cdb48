/** A place where backups are kept, by name: a folder, a bucket. What is there is there as a whole. */
export interface Vault {
  /** For people, without any secret. */
  readonly says: string;
  /** All that are whole, in no order. @throws Fault BACKUP_UNAVAILABLE */
  list(): Promise<readonly Stored[]>;
  /**
   * Keeps `content` under `name`. Until it is over nobody sees anything of it, and when it fails nobody ever does.
   * @throws Fault BACKUP_UNAVAILABLE, and whatever `content` throws
   */
  write(name: string, content: AsyncIterable<Uint8Array>): Promise<void>;
  /** @throws Fault BACKUP_UNAVAILABLE: also where there is none of that name */
  read(name: string): AsyncIterable<Uint8Array>;
  /** What is not there is removed already. @throws Fault BACKUP_UNAVAILABLE */
  remove(name: string): Promise<void>;
  /** Takes away what writers that were killed left behind. @throws Fault BACKUP_UNAVAILABLE */
  sweep(): Promise<void>;
}

export interface Stored {
  readonly name: string;
  readonly bytes: number;
}

/** Names are made by this program: letters, digits, dots and hyphens, not beginning with a dot. */
export const isPlainName = (name: string): boolean => /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}$/.test(name);
