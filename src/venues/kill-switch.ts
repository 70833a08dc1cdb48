/** The kill switch as the way out sees it: what the state says of it, and what is committed after that. */
import type { Event } from '../core/events.ts';
import type { State } from '../core/state.ts';

type Read = <T>(question: (state: State) => T) => Promise<T>;

export class KillSwitch {
  #isEngaged = false;
  /** How often its facts were heard. */
  #heard = 0;

  /** While it is, no order leaves the house. */
  get isEngaged(): boolean {
    return this.#isEngaged;
  }

  /** Takes note of a fact that was committed. */
  hear({ type }: Event): void {
    if (type !== 'KillSwitchEngaged' && type !== 'KillSwitchReleased') return;
    this.#isEngaged = type === 'KillSwitchEngaged';
    this.#heard += 1;
  }

  /** Asks `question`, and along with it how the switch stands: nobody tells what happened before the start. */
  async read<T>(read: Read, question: (state: State) => T): Promise<T> {
    const heard = this.#heard;
    const { answer, isEngaged } = await read((state) => ({
      answer: question(state),
      isEngaged: state.isKillSwitchEngaged,
    }));
    if (heard === this.#heard) this.#isEngaged = isEngaged; // else what was heard meanwhile is newer
    return answer;
  }
}
