/** What an examination finds: how it is, in one sentence, and what helps where it is not as it should be. */
import type { Config } from '../config.ts';
import type { Environment } from '../setting-files.ts';

export type Finding =
  | { readonly grade: 'ok'; readonly about: string; readonly says: string; readonly remedy?: undefined }
  | {
      /** bad: orders are in danger, or nothing starts. warn: it works, and should be otherwise. */
      readonly grade: 'warn' | 'bad';
      readonly about: string;
      readonly says: string;
      readonly remedy: string;
    };

/** Whom an examination looks at. */
export interface Patient {
  /** As far as the settings hold. */
  readonly config: Config;
  readonly environment: Environment;
  readonly now: () => Date;
}

/** Throws nothing that it foresees: what cannot be looked at is a finding. It ends by itself, and soon. */
export type Examination = (patient: Patient) => Promise<readonly Finding[]>;

export const ok = (about: string, says: string): Finding => ({ grade: 'ok', about, says });
export const warn = (about: string, says: string, remedy: string): Finding => ({
  grade: 'warn',
  about,
  says,
  remedy,
});
export const bad = (about: string, says: string, remedy: string): Finding => ({
  grade: 'bad',
  about,
  says,
  remedy,
});
