import { expect, onTestFinished, test } from 'vitest';
import { Child } from './child.ts';

function silentChild(): Child {
  const child = Child.start(new URL('./silent-process.fixture.ts', import.meta.url));
  onTestFinished(() => child.stop());
  return child;
}

test('a child that does not answer is an error that names both it and the question', async () => {
  await expect(silentChild().ask('wait', undefined, 50)).rejects.toThrow(
    'silent-process.fixture is asked wait: still not after 0.05 s',
  );
});

test('a child that ends is an error that says how', async () => {
  await expect(silentChild().ask('end')).rejects.toThrow('silent-process.fixture ended: 3');
});
