/** The store in memory keeps to the contract. */
import { firmStoreContract } from './firm-store.contract.ts';
import { MemoryFirmStore } from './firm-store-memory.ts';

firmStoreContract(async () => new MemoryFirmStore());
