/** The first baseline: the bare route. It promises nothing and keeps nothing. */
import { serve } from '../run/child.ts';
import { bareDoor } from './bare-door.ts';

const app = bareDoor(process.env.SECRET_KEY ?? '');
serve({ start: () => app.listen({ host: '127.0.0.1', port: 0 }) }, () => app.close());
