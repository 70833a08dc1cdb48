import { publishedContract } from './published.contract.ts';
import { MemoryPublished } from './published-memory.ts';

publishedContract('the memory in this process', async () => new MemoryPublished());
