/** The OpenAPI document, as the HTTP door itself makes it from the schemas that validate. */
import { openSmallHouse } from '../../src/gateways/http/testing/small-house.ts';
import { VERSION } from '../../src/main/version.ts';

export async function openApiDocument(): Promise<string> {
  const { app } = await openSmallHouse();
  const answer = await app.inject({ url: '/openapi.json' });
  await app.close();
  const document = answer.json<{ info: { version: string } }>();
  document.info.version = VERSION; // the small house has none of its own
  return `${JSON.stringify(document, undefined, 2)}\n`;
}
