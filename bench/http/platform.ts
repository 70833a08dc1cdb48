/** The platform under load, seen from outside: signs in, lifts the limits, and waits until its readers have caught up. */
import { setTimeout as sleep } from 'node:timers/promises';

const PATIENCE_MS = 120_000;
/** For one answer. */
const ANSWER_MS = 30_000;

async function call(
  url: string,
  method: string,
  path: string,
  body?: unknown,
  token?: string,
): Promise<Response> {
  const headers: Record<string, string> = {};
  if (body !== undefined) headers['content-type'] = 'application/json';
  if (token !== undefined) headers.authorization = `Bearer ${token}`;
  const response = await fetch(new URL(path, url), {
    method,
    headers,
    signal: AbortSignal.timeout(ANSWER_MS),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return response;
}

export async function textOf(url: string, path: string): Promise<string> {
  return await (await call(url, 'GET', path)).text();
}

export async function signIn(url: string, username: string, password: string): Promise<string> {
  const response = await call(url, 'POST', '/api/v1/auth/login', { username, password });
  return ((await response.json()) as { access_token: string }).access_token;
}

/** So that no limit is met: each is weighed all the same. */
export async function liftLimits(url: string): Promise<void> {
  const most = 90_000_000_000;
  const limits = {
    max_position_size: most,
    max_daily_volume: most,
    max_net_exposure: most,
    max_gross_exposure: most,
  };
  await call(url, 'PUT', '/api/v1/risk/limits', limits, await signIn(url, 'risk1', 'risk123'));
}

/** Waits until the read models hold every fact: what they still had to do would burden whoever is measured next. */
export async function settle(url: string): Promise<void> {
  const endsAt = performance.now() + PATIENCE_MS;
  await sleep(1_500); // gauges are read off once a second
  while ((await lagOf(url)) !== 0) {
    if (performance.now() > endsAt) throw new Error(`the read models of ${url} do not catch up`);
    await sleep(500);
  }
}

/** In facts; undefined where it does not know. */
async function lagOf(url: string): Promise<number | undefined> {
  const text = await textOf(url, '/metrics');
  const lag = /^projection_lag_events\{[^}]*\} (\d+)/m.exec(text)?.[1];
  return lag === undefined ? undefined : Number(lag);
}
