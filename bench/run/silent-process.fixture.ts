/** A child that never answers, and one that ends without a word. */
import { serve } from './child.ts';

serve({ wait: () => new Promise(() => {}), end: () => process.exit(3) });
