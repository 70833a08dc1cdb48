/** Operations as HTTP/1.1 requests of API v1. */
import type { Operation, OrderWords } from './transport.ts';

/** `base`: where the deployment stands, perhaps below a path. */
export function requestOf(operation: Operation, token: string, base: URL): string {
  switch (operation.kind) {
    case 'place':
      return request('POST', '/api/v1/orders', token, base, bodyOf(operation.order));
    case 'cancel':
      return request('DELETE', `/api/v1/orders/${operation.orderId}`, token, base);
    case 'get':
      return request('GET', `/api/v1/orders/${operation.orderId}`, token, base);
    case 'positions':
      return request('GET', '/api/v1/risk/positions', token, base);
  }
}

/** Symbols, numbers and our own ids: ASCII, so that its length in characters is its length in bytes. */
function bodyOf({ symbol, side, type, quantity, price, clientOrderId }: OrderWords): string {
  return JSON.stringify({ symbol, side, type, quantity, price, client_order_id: clientOrderId });
}

function request(method: string, path: string, token: string, base: URL, body?: string): string {
  const place = base.pathname.replace(/\/+$/, '');
  const head = `${method} ${place}${path} HTTP/1.1\r\nhost: ${base.host}\r\nauthorization: Bearer ${token}\r\n`;
  if (body === undefined) return `${head}\r\n`;
  return `${head}content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
}
