/** The process of one benchmark: nothing of another is in its heap. */
import { serve } from './child.ts';
import { leave } from './leaving.ts';
import { scaleOf } from './suite.ts';
import { type SuiteName, suiteOf } from './suites.ts';

interface Task {
  readonly name: SuiteName;
  readonly isQuick: boolean;
}

serve(
  {
    run: async ({ name, isQuick }: Task) => {
      const suite = await suiteOf(name);
      return await suite.run(scaleOf(isQuick), (progress) =>
        process.stderr.write(`  ${name}: ${progress}\n`),
      );
    },
  },
  leave,
);
