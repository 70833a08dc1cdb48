/** compose.yaml as its services read it, anchors and merges resolved; and the secrets that secrets.sh makes for it. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

export const FOLDER = join(import.meta.dirname, '..');

export interface Service {
  readonly image: string;
  readonly profiles: readonly string[];
  readonly user?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly privileged?: boolean;
  readonly restart?: string;
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean };
  readonly environment?: Readonly<Record<string, string>>;
  readonly secrets?: readonly string[];
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly networks: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly mem_limit?: string;
  readonly cpus?: number;
  readonly pids_limit?: number;
  readonly logging?: { readonly options: Readonly<Record<string, string>> };
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, Service>>;
  readonly networks: Readonly<Record<string, { readonly internal?: boolean }>>;
  readonly volumes: Readonly<Record<string, object>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
}

/** Many aliases of aliases would be an attack in a file of somebody else's. */
export const readCompose = (): ComposeFile =>
  parse(readFileSync(join(FOLDER, 'compose.yaml'), 'utf8'), {
    merge: true,
    maxAliasCount: -1,
  }) as ComposeFile;

/** `name`: as a job or a server of ITIRP is told apart from what it stands on. */
export const isItirp = ({ image }: Service): boolean => image.includes('itirp');
/** A job ends by itself. */
export const isJob = ({ restart }: Service): boolean => restart === 'no';

/** Makes the secrets in `folder`; returns what the script said. */
export const makeSecrets = (folder: string): string =>
  execFileSync('sh', [join(FOLDER, 'secrets.sh'), folder], { encoding: 'utf8' });

/** A value without its `${NAME:-default}`. */
export const withDefaults = (value: string): string => value.replace(/\$\{\w+:-([^}]*)\}/g, '$1');
