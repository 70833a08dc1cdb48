/** The journal and the snapshots in memory keep their contracts. */
import { journalContract } from './journal.contract.ts';
import { MemoryJournal, MemorySnapshots, MemoryStore } from './memory.ts';
import { snapshotsContract } from './snapshots.contract.ts';

journalContract('the journal in memory', async () => {
  const store = new MemoryStore();
  return { shard: 'main', open: async () => new MemoryJournal(store) };
});

snapshotsContract('snapshots in memory', async () => new MemorySnapshots());
