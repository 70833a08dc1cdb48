/** What must be undone when a run ends early: Ctrl-C leaves no server, no process and no folder behind. */
const undo = new Set<() => Promise<unknown>>();

/** `step` is taken when the process leaves, unless it is called off before. Returns how to call it off. */
export function onLeave(step: () => Promise<unknown>): () => void {
  undo.add(step);
  return () => undo.delete(step);
}

/** The newest first: what came later stands on what came before. */
export async function leave(): Promise<void> {
  for (const step of [...undo].reverse()) await step().catch(() => undefined);
}
