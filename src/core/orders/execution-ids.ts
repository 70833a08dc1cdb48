/** Remembers which executions were applied. (Contract; filled in with the core.) */
export class ExecutionIds {}
