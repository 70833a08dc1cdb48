/** A distribution that has one of the names and not the others: the first that it knows is unpacked. */
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { unpackDebian, unpackedRoot } from './debian.ts';
import { scratchFolder } from './scratch.ts';

afterEach(() => vi.unstubAllEnvs());

/** `apt-get` and `dpkg` of a distribution that has the packages `known`, each with a program that says its name. */
async function distribution(...known: readonly string[]): Promise<void> {
  const bin = join(await scratchFolder(), 'bin');
  await mkdir(bin, { recursive: true });
  const apt = `#!/bin/sh
for last; do :; done
case " $* " in
  *" install "*) case " ${known.join(' ')} " in
    *" $last "*) echo "'http://there/$last.deb' $last"_1_all.deb 1 SHA256:x ;;
    *) echo "E: Unable to locate package $last" >&2; exit 100 ;;
  esac ;;
  *" download "*) echo "$last" > "$last"_1_all.deb ;;
esac`;
  await writeFile(join(bin, 'apt-get'), apt);
  await writeFile(join(bin, 'dpkg'), '#!/bin/sh\nmkdir -p "$3/usr/bin" && cp "$2" "$3/usr/bin/java"\n');
  for (const name of ['apt-get', 'dpkg']) await chmod(join(bin, name), 0o755);
  vi.stubEnv('PATH', `${bin}:${process.env.PATH}`);
}

const WISHES = ['jre-21', 'jre-17', 'default-jre'];

test.each([
  [['jre-17', 'default-jre'], 'jre-17'],
  [['default-jre'], 'default-jre'],
  [['jre-21', 'jre-17'], 'jre-21'],
])('where there are %j it is %s', async (known, name) => {
  await distribution(...known);
  const software = await scratchFolder();
  await unpackDebian('java', WISHES, software);
  const { root } = unpackedRoot('java', software);
  expect(await readFile(join(root, 'usr/bin/java'), 'utf8')).toBe(`${name}\n`);
});

test('where there is none, apt says so of each', async () => {
  await distribution('something-else');
  const unpacking = unpackDebian('java', WISHES, await scratchFolder());
  await expect(unpacking).rejects.toThrow(/Unable to locate package jre-21.*jre-17.*default-jre/s);
});
