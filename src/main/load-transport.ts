/** Which way requests of a load take to a deployment. */

import type { Transport } from '../load/transport.ts';
import { HttpTransport, type HttpTransportOptions } from '../load/transport-http.ts';

export const openTransport = (options: HttpTransportOptions): Transport => new HttpTransport(options);
