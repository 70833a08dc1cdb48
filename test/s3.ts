/** A real S3 server for tests: S3Proxy from Maven Central over a folder of its own. It checks every signature. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fetchAll } from '../stack/download.ts';
import { freePorts } from '../stack/ports.ts';
import { findProgram } from '../stack/programs.ts';
import { softwareFolder } from '../stack/software.ts';

const JAR = {
  path: 'org/gaul/s3proxy/2.0.0/s3proxy-2.0.0-jar-with-dependencies.jar',
  bytes: 15_577_191,
  sha256: '0a05b8ac7aca37a03d9686d3bc0d557cd92384450dc7431c4a89a7ee36934bc7',
};
const REPOSITORY = 'https://repo1.maven.org/maven2';
const START_PATIENCE_MS = 60_000;

export interface TestS3 {
  readonly access: {
    readonly endpoint: string;
    readonly region: string;
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
  };
  readonly bucket: string;
  stop(): Promise<void>;
}

export async function startS3(): Promise<TestS3> {
  const jar = await theJar();
  const java = await findProgram('java', softwareFolder());
  const folder = await mkdtemp(join(tmpdir(), 'itirp-s3-'));
  const bucket = 'backups';
  await mkdir(join(folder, 'data', bucket), { recursive: true });
  const [port = 0] = await freePorts(1);
  const access = {
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    accessKeyId: 'itirp',
    secretAccessKey: 'a secret for tests',
  };
  const properties = {
    's3proxy.endpoint': access.endpoint,
    's3proxy.authorization': 'aws-v4',
    's3proxy.identity': access.accessKeyId,
    's3proxy.credential': access.secretAccessKey,
    'jclouds.provider': 'filesystem',
    'jclouds.filesystem.basedir': join(folder, 'data'),
  };
  const file = join(folder, 's3proxy.conf');
  await writeFile(
    file,
    Object.entries(properties)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  );
  const args = ['-Xmx128m', '-XX:+UseSerialGC', '-cp', jar, 'org.gaul.s3proxy.Main', '--properties', file];
  const child = spawn(java.file, args, { env: { ...process.env, ...java.env }, stdio: 'ignore' });
  process.once('exit', () => child.kill('SIGKILL')); // a run that is broken off leaves no server behind
  await answering(access.endpoint, child);
  return {
    access,
    bucket,
    stop: async () => {
      const gone = once(child, 'close');
      child.kill('SIGKILL');
      await gone;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function theJar(): Promise<string> {
  const mirror = process.env.MAVEN_REPOSITORY;
  const repository = mirror === undefined || mirror === '' ? REPOSITORY : mirror.replace(/\/$/, '');
  const file = join(softwareFolder(), 's3proxy', 's3proxy-2.0.0.jar');
  const { path, bytes, sha256 } = JAR;
  await fetchAll([{ url: `${repository}/${path}`, file, bytes, sha256 }]);
  return file;
}

/** Until it refuses an unsigned request, as it must. */
async function answering(endpoint: string, child: ChildProcess): Promise<void> {
  const deadline = performance.now() + START_PATIENCE_MS;
  for (;;) {
    const status = await fetch(endpoint).then(
      (answer) => answer.status,
      () => undefined,
    );
    if (status === 403) return;
    if (child.exitCode !== null || performance.now() > deadline) throw new Error('S3Proxy did not start');
    await sleep(100);
  }
}
