/** Every link of a stack that can be made to fail, in a process of its own. */
import { type ChildProcess, fork } from 'node:child_process';
import type { Address, LinkFigures } from './fault-proxy.ts';
import { type LinkFault, WHOLE } from './link-fault.ts';

type Request =
  | { readonly what: 'open'; readonly name: string; readonly target: Address; readonly port: number }
  | { readonly what: 'fault'; readonly name: string; readonly fault: LinkFault }
  | { readonly what: 'figures'; readonly name: string };
export type NetworkRequest = Request & { readonly id: number };

export interface NetworkAnswer {
  readonly id: number;
  readonly port?: number;
  readonly figures?: LinkFigures;
  readonly wrong?: string;
}

export class Network {
  readonly #child: ChildProcess;
  readonly #names = new Set<string>();
  readonly #waiting = new Map<number, (answer: NetworkAnswer) => void>();
  #requests = 0;

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.on('message', (answer: NetworkAnswer) => {
      this.#waiting.get(answer.id)?.(answer);
      this.#waiting.delete(answer.id);
    });
    child.unref();
    child.channel?.unref();
  }

  static start(): Network {
    return new Network(fork(new URL('./network-process.ts', import.meta.url), { stdio: 'inherit' }));
  }

  /** A way to `target` under `name`; resolves with the port on loopback that leads there. */
  async open(name: string, target: Address, port = 0): Promise<number> {
    const answer = await this.#ask({ what: 'open', name, target, port });
    this.#names.add(name);
    return answer.port ?? 0;
  }

  async setFault(name: string, fault: LinkFault): Promise<void> {
    await this.#ask({ what: 'fault', name, fault });
  }

  /** Every link is whole again. */
  async heal(): Promise<void> {
    await Promise.all([...this.#names].map((name) => this.setFault(name, WHOLE)));
  }

  async figures(name: string): Promise<LinkFigures> {
    const { figures } = await this.#ask({ what: 'figures', name });
    return figures ?? { connections: 0, bytesToServer: 0, bytesToClient: 0 };
  }

  stop(): void {
    this.#child.disconnect();
  }

  async #ask(request: Request): Promise<NetworkAnswer> {
    const id = this.#requests++;
    const answered = new Promise<NetworkAnswer>((resolve) => this.#waiting.set(id, resolve));
    this.#child.ref();
    this.#child.channel?.ref();
    this.#child.send({ ...request, id });
    const answer = await answered;
    if (this.#waiting.size === 0) {
      this.#child.unref();
      this.#child.channel?.unref();
    }
    if (answer.wrong !== undefined) throw new Error(answer.wrong);
    return answer;
  }
}
