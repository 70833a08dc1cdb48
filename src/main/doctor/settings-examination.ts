/** Do the settings hold, is each of them read, and are they what production asks for? */
import { type Config, isDemoMode, SETTINGS } from '../config.ts';
import { judgeConfig } from '../load-config.ts';
import { type Environment, fileOf } from '../setting-files.ts';
import { bad, type Examination, type Finding, ok, warn } from './finding.ts';
import { misspeltIn } from './misspelt.ts';

const SETTING = 'settings';

export const examineSettings: Examination = async ({ config, environment }) => {
  const { wrong } = judgeConfig(environment, false);
  const troubles = [
    ...wrong.map((says) =>
      bad(SETTING, says, 'set it right: docs/configuration.md lists what each setting takes'),
    ),
    ...misspeltIn(environment).map(({ name, meant }) =>
      warn(SETTING, `${name} is read by nobody`, `if ${meant} was meant, call it so`),
    ),
    ...hazards(config),
  ];
  return troubles.length > 0 ? troubles : [ok(SETTING, `${given(environment)} given, and all hold`)];
};

function given(environment: Environment): string {
  const names = Object.keys(SETTINGS).filter((name) => environment[name] || environment[fileOf(name)]);
  return names.length === 1 ? '1 setting is' : `${names.length} settings are`;
}

/** What holds, and is not how one trades. */
function* hazards(config: Config): Generator<Finding> {
  if (isDemoMode(config)) {
    const remedy = 'ENVIRONMENT=production';
    yield warn(
      SETTING,
      `ENVIRONMENT is ${config.ENVIRONMENT}: there are users with public passwords`,
      remedy,
    );
  }
  if (config.ALLOWED_ORIGINS.includes('*')) {
    yield warn(SETTING, 'ALLOWED_ORIGINS lets pages of any site ask', 'name the origins of your own pages');
  }
  if (config.RATE_LIMIT_PER_MINUTE === 0) {
    yield warn(SETTING, 'RATE_LIMIT_PER_MINUTE is 0: one client may take all there is', 'set a limit');
  }
  if (config.WORKERS > 1) {
    const says = `WORKERS is ${config.WORKERS}: a scrape of /metrics meets any one of them, so that counters fall and rates are wrong`;
    yield warn(SETTING, says, 'WORKERS=1 and more nodes, unless nobody scrapes this one');
  }
  const isOpen = !['127.0.0.1', '::1', 'localhost'].includes(config.HOST);
  if (isOpen && config.TLS_CERT_FILE === undefined && !config.TRUST_PROXY) {
    const remedy = 'set TLS_CERT_FILE and TLS_KEY_FILE; or TRUST_PROXY=true where a proxy speaks TLS for it';
    yield warn(SETTING, `HOST is ${config.HOST}, and what is said there is not encrypted`, remedy);
  }
}
