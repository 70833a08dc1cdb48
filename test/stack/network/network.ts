/** Every link of a stack that can be made to fail, in a process of its own. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { type Address, ANYWHERE, type LinkFigures } from './fault-proxy.ts';
import { type LinkFault, WHOLE } from './link-fault.ts';

export type NetworkRequest =
  | { readonly what: 'open'; readonly name: string; readonly target: Address; readonly at: Address }
  | { readonly what: 'fault'; readonly name: string; readonly fault: LinkFault }
  | { readonly what: 'figures'; readonly name: string };

export interface NetworkAnswer {
  readonly port?: number;
  readonly figures?: LinkFigures;
  readonly wrong?: string;
}

export const NETWORK_PROCESS = new URL('./network-process.ts', import.meta.url).pathname;

const NO_FIGURES: LinkFigures = { connections: 0, bytesToServer: 0, bytesToClient: 0 };

export class Network {
  readonly #control: string;
  readonly #child: ChildProcess | undefined;
  readonly #faulty = new Set<string>();

  /** One whose process runs already and is told what to do on `controlPort`. */
  constructor(controlPort: number, child?: ChildProcess) {
    this.#control = `http://127.0.0.1:${controlPort}`;
    this.#child = child;
  }

  /** One with a process of its own, which ends with ours. */
  static async start(): Promise<Network> {
    const child = fork(NETWORK_PROCESS, { stdio: 'inherit' });
    const [address] = (await once(child, 'message')) as [{ port: number }];
    child.unref();
    child.channel?.unref();
    return new Network(address.port, child);
  }

  /** A way to `target` under `name`, unless there is one; resolves with the port `at` loopback that leads there. */
  async open(name: string, target: Address, at: Address = ANYWHERE): Promise<number> {
    const answer = await this.#ask({ what: 'open', name, target, at });
    return answer.port ?? 0;
  }

  async setFault(name: string, fault: LinkFault): Promise<void> {
    this.#faulty.add(name);
    await this.#ask({ what: 'fault', name, fault });
  }

  /** Every link is whole again. */
  async heal(): Promise<void> {
    const names = [...this.#faulty];
    this.#faulty.clear();
    await Promise.all(names.map((name) => this.#ask({ what: 'fault', name, fault: WHOLE })));
  }

  async figures(name: string): Promise<LinkFigures> {
    return (await this.#ask({ what: 'figures', name })).figures ?? NO_FIGURES;
  }

  stop(): void {
    this.#child?.disconnect();
  }

  /** @throws Error in the words of the process, or when it does not answer */
  async #ask(request: NetworkRequest): Promise<NetworkAnswer> {
    const body = JSON.stringify(request);
    const response = await fetch(this.#control, { method: 'POST', body, signal: AbortSignal.timeout(5_000) });
    const answer = (await response.json()) as NetworkAnswer;
    if (answer.wrong !== undefined) throw new Error(answer.wrong);
    return answer;
  }
}
