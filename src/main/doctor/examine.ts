/** Every examination there is, all at once and none for longer than it may; and no secret in what they say. */
import { messageOf } from '../../database/outage.ts';
import { Fault } from '../../faults/fault.ts';
import { secretsIn, withoutSecrets } from '../known-secrets.ts';
import { judgeConfig } from '../load-config.ts';
import type { Environment } from '../setting-files.ts';
import { examineBackups } from './backup-examination.ts';
import { examineCertificate } from './certificate-examination.ts';
import { examineCheckpoints } from './checkpoint-examination.ts';
import { examineDatabase } from './database-examination.ts';
import { examineDisk } from './disk-examination.ts';
import { bad, type Examination, type Finding, type Patient } from './finding.ts';
import { examineKafka } from './kafka-examination.ts';
import { examineProgram } from './program-examination.ts';
import { examineRedis } from './redis-examination.ts';
import { examineSecrets } from './secrets-examination.ts';
import { examineSettings } from './settings-examination.ts';
import { examineTraces } from './traces-examination.ts';

/** What stands still for so long, in milliseconds, is not waited for. */
const PATIENCE_MS = 45_000;

/** In the order in which an operator reads them. To add one: write its file, add its line. */
export const EXAMINATIONS: Readonly<Record<string, Examination>> = {
  program: examineProgram,
  settings: examineSettings,
  secrets: examineSecrets,
  certificate: examineCertificate,
  disk: examineDisk,
  postgres: examineDatabase,
  redis: examineRedis,
  kafka: examineKafka,
  traces: examineTraces,
  backups: examineBackups,
  checkpoints: examineCheckpoints,
};

export async function examine(
  environment: Environment,
  examinations: Readonly<Record<string, Examination>> = EXAMINATIONS,
  patienceMs: number = PATIENCE_MS,
): Promise<readonly Finding[]> {
  const { config } = judgeConfig(environment, false);
  const patient: Patient = { config, environment, now: () => new Date() };
  const looked = Object.entries(examinations).map(([about, look]) =>
    bounded(about, look, patient, patienceMs),
  );
  const secrets = secretsIn(config);
  const plain = (text: string): string => withoutSecrets(text, secrets);
  return (await Promise.all(looked))
    .flat()
    .map((finding) =>
      finding.grade === 'ok'
        ? { ...finding, says: plain(finding.says) }
        : { ...finding, says: plain(finding.says), remedy: plain(finding.remedy) },
    );
}

async function bounded(
  about: string,
  look: Examination,
  patient: Patient,
  patienceMs: number,
): Promise<readonly Finding[]> {
  const { promise: late, resolve } = Promise.withResolvers<readonly Finding[]>();
  const says = `was not looked at: no end after ${patienceMs / 1_000} s`;
  const remedy = 'find out what hangs there, and examine again';
  const timer = setTimeout(() => resolve([bad(about, says, remedy)]), patienceMs);
  try {
    return await Promise.race([look(patient), late]);
  } catch (error) {
    if (error instanceof Fault) return [bad(about, error.message, 'put right what it names')];
    return [bad(about, `could not be looked at: ${messageOf(error)}`, 'tell the makers: this is a bug')];
  } finally {
    clearTimeout(timer);
  }
}
