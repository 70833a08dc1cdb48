/** What all channels must do, held against each adapter. */
import { expect, test } from 'vitest';
import type { Channels } from './channels.ts';

const text = (message: Buffer): string => message.toString('latin1');

/** `open` gives two nodes' ends of one line; where there is one process only, the same twice. */
export function channelsContract(open: () => Promise<readonly [Channels, Channels]>): void {
  test('everyone who listens hears every message, byte for byte and in order', async () => {
    const [here, there] = await open();
    const channel = crypto.randomUUID();
    const heard: Buffer[] = [];
    const alsoHeard: string[] = [];
    here.subscribe(channel, (message) => heard.push(message));
    here.subscribe(channel, (message) => alsoHeard.push(text(message)));
    await expect.poll(() => here.isUp && there.isUp).toBe(true);
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    there.publish(channel, bytes);
    for (let n = 0; n < 1_000; n++) there.publish(channel, Buffer.from(String(n)));
    await expect.poll(() => heard.length).toBe(1_001);
    expect(heard[0]).toEqual(bytes);
    expect(heard.slice(1).map(text)).toEqual(Array.from({ length: 1_000 }, (_, n) => String(n)));
    expect(alsoHeard).toEqual(heard.map(text));
  });
  test('a speaker hears himself', async () => {
    const [here] = await open();
    const channel = crypto.randomUUID();
    const heard: string[] = [];
    here.subscribe(channel, (message) => heard.push(text(message)));
    await expect.poll(() => here.isUp).toBe(true);
    here.publish(channel, Buffer.from('own'));
    await expect.poll(() => heard).toEqual(['own']);
  });
  test('other channels are not heard, nor is anything after the end', async () => {
    const [here, there] = await open();
    const [channel, other] = [crypto.randomUUID(), crypto.randomUUID()];
    const heard: string[] = [];
    const marks: string[] = [];
    const stop = here.subscribe(channel, (message) => heard.push(text(message)));
    here.subscribe(other, (message) => marks.push(text(message)));
    await expect.poll(() => here.isUp && there.isUp).toBe(true);
    there.publish(other, Buffer.from('not for you'));
    there.publish(channel, Buffer.from('for you'));
    await expect.poll(() => heard).toEqual(['for you']);
    stop();
    stop();
    there.publish(channel, Buffer.from('too late'));
    there.publish(other, Buffer.from('mark'));
    await expect.poll(() => marks).toEqual(['not for you', 'mark']);
    expect(heard).toEqual(['for you']);
  });
  test('one may stop listening and another go on, and both may be the same function', async () => {
    const [here, there] = await open();
    const channel = crypto.randomUUID();
    const heard: string[] = [];
    const listener = (message: Buffer): void => void heard.push(text(message));
    const stop = here.subscribe(channel, listener);
    here.subscribe(channel, listener);
    stop();
    await expect.poll(() => here.isUp && there.isUp).toBe(true);
    there.publish(channel, Buffer.from('once'));
    await expect.poll(() => heard).toEqual(['once']);
  });
  test('what nobody listens to is said to nobody', async () => {
    const [here] = await open();
    expect(() => here.publish(crypto.randomUUID(), Buffer.from('hello?'))).not.toThrow();
  });
}
