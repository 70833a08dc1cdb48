/** Orders as no one should send them: each gets its typed 4xx that names the field, and nothing reaches the engine. */
import { beforeAll, describe, expect, test } from 'vitest';
import { ORDER } from './testing/client.ts';
import { JSON_TYPE, sendBad } from './testing/send-bad.ts';
import { openSmallHouse, type SmallHouse } from './testing/small-house.ts';

let house: SmallHouse;
beforeAll(async () => {
  house = await openSmallHouse();
});

const post = (payload: string | Buffer, headers: Record<string, string> = JSON_TYPE) =>
  sendBad(house, { method: 'POST', url: '/api/v1/orders', payload, headers });

describe('a field', () => {
  test.each([
    ['quantity', 0],
    ['quantity', -1],
    ['quantity', '0'],
    ['quantity', '-1'],
    ['quantity', '1e5'],
    ['quantity', 'NaN'],
    ['quantity', 'Infinity'],
    ['quantity', ''],
    ['quantity', ' 1'],
    ['quantity', '1,000'],
    ['quantity', null],
    ['quantity', true],
    ['quantity', []],
    ['quantity', {}],
    ['quantity', undefined],
    ['quantity', '1.123456789'],
    ['quantity', 1.5],
    ['quantity', '90000000001'],
    ['quantity', '9'.repeat(60_000)],
    ['price', 0],
    ['price', -0.01],
    ['price', '150.501'],
    ['price', 1e300],
    ['price', 1e-300],
    ['price', undefined],
    ['price', null],
    ['side', 'buy'],
    ['side', 'HOLD'],
    ['side', undefined],
    ['side', 1],
    ['symbol', ''],
    ['symbol', ' AAPL'],
    ['symbol', 'AAPL\u0000'],
    ['symbol', 'AAPL\r\nX: y'],
    ['symbol', 'A'.repeat(21)],
    ['symbol', '😀'],
    ['symbol', 'ẞ'],
    ['symbol', 5],
    ['symbol', undefined],
    ['type', 'STOP'],
    ['type', null],
    ['strategy', 'x'.repeat(51)],
    ['strategy', 'a\u0000b'],
    ['strategy', 'a\r\nb'],
    ['strategy', 'a\u2028b'],
    ['strategy', 7],
    ['client_order_id', ''],
    ['client_order_id', 'x'.repeat(65)],
    ['client_order_id', 'a b'],
    ['client_order_id', 'a\u0000'],
    ['client_order_id', 'ä'],
    ['client_order_id', 5],
    ['junk', 1],
    ['Symbol', 'AAPL'],
    ['order_id', 'x'],
  ])('%s of %j is a 422 that names it', async (field, value) => {
    const answer = await post(JSON.stringify({ ...ORDER, [field]: value }));
    expect(answer).toMatchObject({ status: 422, code: 'BODY_INVALID' });
    expect([...new Set(answer.fields)]).toEqual([field]);
  });

  test.each([
    ['quantity', '1e309'],
    ['quantity', '-1e309'],
    ['quantity', '1e400000'],
    ['quantity', '0.000000001'],
    ['quantity', '1e-9'],
    ['quantity', '0.1000000000000000055511151231257827'],
    ['price', '150.50500000000000000001'],
  ])('%s as the JSON number %s is a 422 that names it', async (field, number) => {
    const { [field as 'price']: _replaced, ...rest } = ORDER;
    const answer = await post(`${JSON.stringify(rest).slice(0, -1)},"${field}":${number}}`);
    expect(answer).toMatchObject({ status: 422, fields: [field] });
  });

  test.each([
    ['a price on a market order', { type: 'MARKET' }, 'price: a MARKET order takes no price'],
    ['no price', { price: undefined }, 'price: a LIMIT order needs a price'],
    ['an empty symbol', { symbol: '' }, 'symbol: must not be empty'],
    ['a number for a name', { client_order_id: 5 }, 'client_order_id: must be string or null'],
    ['no quantity', { quantity: undefined }, 'quantity: is required'],
  ])('%s is said once and in words of the market', async (_what, change, says) => {
    const payload = JSON.stringify({ ...ORDER, ...change });
    const headers = { ...JSON_TYPE, authorization: house.bearer('TRADER') };
    const response = await house.app.inject({ method: 'POST', url: '/api/v1/orders', payload, headers });
    expect(response.statusCode).toBe(422);
    expect(response.json().detail).toBe(`the request does not validate: ${says}`);
  });

  test('an order of junk alone has every field named, and a flood of them counted', async () => {
    const { fields } = await post('{"a":1,"b":{"c":2}}');
    expect(fields.sort()).toEqual(['a', 'b', 'price', 'quantity', 'side', 'symbol']);
    const flood = Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`f${i}`, 1]));
    expect((await post(JSON.stringify(flood))).fields).toHaveLength(100);
  });
});

describe('a body', () => {
  const text = JSON.stringify(ORDER);
  test.each([
    ['nothing', '', 422, 'BODY_INVALID'],
    ['white space', '  ', 422, 'BODY_MALFORMED'],
    ['half an order', text.slice(0, -5), 422, 'BODY_MALFORMED'],
    ['an order and more', `${text}{}`, 422, 'BODY_MALFORMED'],
    ['NaN', text.replace('100', 'NaN'), 422, 'BODY_MALFORMED'],
    ['Infinity', text.replace('100', '-Infinity'), 422, 'BODY_MALFORMED'],
    ['hexadecimal', text.replace('100', '0x64'), 422, 'BODY_MALFORMED'],
    ['a list', `[${text}]`, 422, 'BODY_INVALID'],
    ['null', 'null', 422, 'BODY_INVALID'],
    ['a string', JSON.stringify(text), 422, 'BODY_INVALID'],
    ['a field twice', text.replace('{', '{"side":"SELL",'), 422, 'BODY_INVALID'],
    ['__proto__', text.replace('{', '{"__proto__":{"isAdmin":true},'), 422, 'BODY_INVALID'],
    ['constructor', text.replace('{', '{"constructor":{"prototype":{}},'), 422, 'BODY_INVALID'],
    ['lone surrogates', text.replace('AAPL', '\\ud83d'), 422, 'BODY_INVALID'],
    ['a raw NUL', text.replace('AAPL', 'A\u0000'), 422, 'BODY_MALFORMED'],
    ['depth 10,000', `{"symbol":${'['.repeat(10_000)}${']'.repeat(10_000)}}`, 422, 'BODY_INVALID'],
    ['a byte order mark', `\ufeff${text}`, 422, 'BODY_MALFORMED'],
    ['1 MiB', `{"symbol":"${'A'.repeat(1 << 20)}"}`, 413, 'BODY_TOO_LARGE'],
    ['64 KiB and a byte', `{"symbol":"${'A'.repeat((1 << 16) - 12)}"}`, 413, 'BODY_TOO_LARGE'],
  ])('of %s is refused', async (_what, payload, status, code) => {
    expect(await post(payload)).toMatchObject({ status, code });
  });

  test('that is no UTF-8 is refused', async () => {
    const bytes = Buffer.concat([Buffer.from('{"symbol":"'), Buffer.from([0xc3, 0x28]), Buffer.from('"}')]);
    expect(await post(bytes)).toMatchObject({ status: 422, code: 'BODY_MALFORMED' });
  });

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/xml',
    'nonsense',
    '',
  ])('of type %j is refused', async (type) => {
    expect(await post(text, { 'content-type': type })).toMatchObject({
      status: 415,
      code: 'MEDIA_TYPE_UNKNOWN',
    });
  });
});
