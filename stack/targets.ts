/** Whom Prometheus has to scrape on the stack: each process by its name and role, and the load balancer. */
import { LOOPBACK } from './ports.ts';
import type { Target } from './prometheus.ts';
import type { Stack } from './stack.ts';

export function targetsOf(stack: Stack): Readonly<Record<string, readonly Target[]>> {
  const at = (port: number): string => `${LOOPBACK}:${port}`;
  const deployment = 'stack'; // as DEPLOYMENT calls it: the rules reckon for each deployment by itself
  const itirp = stack.processes.map(({ daemon, port, role }) => ({
    address: at(port),
    labels: { deployment, instance: daemon.name, role },
  }));
  const haproxy = {
    address: at(stack.layout.port('haproxy stats')),
    labels: { deployment, instance: 'haproxy' },
  };
  return { itirp, haproxy: [haproxy] };
}
