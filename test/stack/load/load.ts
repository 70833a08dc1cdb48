/** Load as the world brings it: orders come at their own rate, whether earlier ones are answered or not. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '../../client.ts';
import { Dice } from '../../dice.ts';
import type { PlaceAsk } from '../history/record.ts';
import { HistoryWriter } from '../history/writer.ts';
import { Door, type Heard } from './door.ts';
import { MarketWatch } from './market.ts';
import { type Habits, trade } from './trader.ts';

export interface LoadOptions {
  /** Where the load balancer listens. */
  readonly url: string;
  /** Traders by name and password; those of several shards are best. */
  readonly traders: readonly Person[];
  readonly riskManager: Person;
  readonly historyPath: string;
  /** Orders a second. */
  readonly rate: number;
  readonly dice?: Dice;
  readonly habits?: Partial<Habits>;
}

export interface Person {
  readonly user: string;
  readonly password: string;
}

/** What a load has done so far. */
export interface LoadFigures {
  readonly begun: number;
  readonly known: number;
  readonly inFlight: number;
  /** Orders that were due and not begun, since too many were waiting: an open loop has an end. */
  readonly shed: number;
}

const TICK_MS = 10;
/** Some seconds' worth: more of them, each asked for again and again, would be a load of another kind. */
const IN_FLIGHT_MAX = 120;
const HABITS: Habits = { twins: 0.05, looks: 0.1, cancels: 0.15 };
/** How long a halt lasts, in milliseconds. */
const HALT_MS = 700;
/** How long orders may still be asked for after the load is stopped, in milliseconds. */
const RESOLVE_MS_MAX = 60_000;

export class Load {
  readonly history: HistoryWriter;
  readonly dice: Dice;
  readonly #rate: number;
  readonly #habits: Habits;
  readonly #doors: readonly Door[];
  readonly #riskManager: Door;
  readonly #market: MarketWatch;
  readonly #run = Date.now().toString(36);
  readonly #orders = new Set<Promise<void>>();
  #begun = 0;
  #known = 0;
  #shed = 0;
  #ticker: NodeJS.Timeout | undefined;
  #tooLateAt = Number.POSITIVE_INFINITY;

  private constructor(options: LoadOptions, doors: readonly Door[], riskManager: Door, parts: Parts) {
    this.history = parts.history;
    this.dice = options.dice ?? new Dice();
    this.#rate = options.rate;
    this.#habits = { ...HABITS, ...options.habits };
    this.#doors = doors;
    this.#riskManager = riskManager;
    this.#market = parts.market;
  }

  /** Logs everyone in and looks at the market. @throws Error when somebody may not, or there is none */
  static async prepare(options: LoadOptions): Promise<Load> {
    const { url, traders, riskManager, historyPath } = options;
    const history = new HistoryWriter(historyPath);
    const doorOf = async ({ user, password }: Person): Promise<{ door: Door; token: string }> => {
      const { token } = await Client.login(url, user, password);
      return { door: new Door({ url, user, token, history }), token };
    };
    const [risk, ...others] = await Promise.all([riskManager, ...traders].map(doorOf));
    if (risk === undefined || others.length === 0) throw new TypeError('a load needs traders');
    const market = new MarketWatch(url, risk.token);
    await market.start();
    const doors = others.map(({ door }) => door);
    return new Load(options, doors, risk.door, { history, market });
  }

  get figures(): LoadFigures {
    return { begun: this.#begun, known: this.#known, inFlight: this.#orders.size, shed: this.#shed };
  }

  /** Sets the firm's limits; resolves when they hold. */
  async setLimits(limits: Readonly<Record<string, string>>): Promise<void> {
    await this.#untilDone(() => this.#riskManager.setLimits('risk manager', limits));
  }

  start(): void {
    const startedAt = performance.now();
    let due = 0;
    this.#ticker = setInterval(() => {
      const owed = Math.floor(((performance.now() - startedAt) / 1000) * this.#rate);
      for (; due < owed; due++) this.#begin();
    }, TICK_MS);
  }

  /** Asks for an order at the door until its fate is known. @throws Error when nobody here trades for its user */
  async resolve(ask: PlaceAsk): Promise<Heard> {
    const door = this.#doors.find(({ user }) => user === ask.user);
    if (door === undefined) throw new Error(`${ask.user} does not trade here`);
    return await this.#untilDone(() => door.place(`resolver ${ask.clientOrderId}`, ask));
  }

  /** Halts all trading for a moment; resolves when it is released. */
  async haltForAMoment(): Promise<void> {
    await this.#untilDone(() => this.#riskManager.setKillSwitch('risk manager', true));
    await sleep(HALT_MS);
    await this.#untilDone(() => this.#riskManager.setKillSwitch('risk manager', false));
  }

  /** No new orders; resolves when the fate of each is known, or cannot be learned in time. */
  async stop(): Promise<LoadFigures> {
    clearInterval(this.#ticker);
    this.#tooLateAt = performance.now() + RESOLVE_MS_MAX;
    await Promise.all(this.#orders);
    this.#market.stop();
    this.history.close();
    return this.figures;
  }

  #begin(): void {
    const door = this.#doors[this.#begun % this.#doors.length];
    if (door === undefined || this.#orders.size >= IN_FLIGHT_MAX) {
      this.#shed += 1;
      return;
    }
    const clientOrderId = `${this.#run}-${this.#begun++}`;
    const ask = {
      what: 'place',
      user: door.user,
      clientOrderId,
      ...this.#market.words(door.user, this.dice),
    } as const;
    const order = trade(door, ask, this.dice, this.#habits, () => performance.now() > this.#tooLateAt)
      .then((isKnown) => {
        if (isKnown) this.#known += 1;
      })
      .finally(() => this.#orders.delete(order));
    this.#orders.add(order);
  }

  /** @throws Error when it does not come to pass before orders are given up */
  async #untilDone(ask: () => Promise<Heard>): Promise<Heard> {
    const deadline = performance.now() + RESOLVE_MS_MAX;
    for (;;) {
      const heard = await ask();
      if (heard.phase === 'ok') return heard;
      if (performance.now() > deadline) {
        throw new Error(`asked again and again, and not heard: ${JSON.stringify(heard.reply)}`);
      }
      await sleep(AGAIN_MS);
    }
  }
}

const AGAIN_MS = 200;

interface Parts {
  readonly history: HistoryWriter;
  readonly market: MarketWatch;
}
