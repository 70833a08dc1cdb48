/** OpenAPI 3.1 and the pages that show it, made from the schemas that validate. */
import fastifyHelmet from '@fastify/helmet';
import fastifySwagger from '@fastify/swagger';
import fastifySwaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { plainSchema } from '../../protocol/keywords.ts';

/** In the page's top bar: our name, in place of the library's own mark. */
const LOGO =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 90 40"><text x="4" y="28" fill="white" ' +
  'font-family="sans-serif" font-size="24" font-weight="bold">ITIRP</text></svg>';

/** Must be registered before the routes it is to describe. */
export function describeRoutes(app: FastifyInstance, version: string): void {
  app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'ITIRP',
        version,
        description: 'Institutional Trading Infrastructure & Risk Platform',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } } },
    },
    refResolver: {
      buildLocalReference: (json, _base, _fragment, index) =>
        typeof json.$id === 'string' ? json.$id : `schema-${index}`,
    },
    transformObject: (document) =>
      'openapiObject' in document
        ? (plainSchema(document.openapiObject) as typeof document.openapiObject)
        : document.swaggerObject,
  });
  app.register(async (pages) => {
    pages.register(fastifyHelmet, { contentSecurityPolicy: false }); // the pages bring their own policy
    pages.register(fastifySwaggerUi, {
      routePrefix: '/docs',
      staticCSP: true,
      logo: { type: 'image/svg+xml', content: LOGO },
      transformStaticCSP: (policy) => policy.replace(/upgrade-insecure-requests;?/, ''), // plain HTTP on a laptop
      uiConfig: { persistAuthorization: false, tryItOutEnabled: true },
    });
  });
}

/** `GET /openapi.json`. */
export function openApiRoute(app: FastifyInstance): void {
  let text: string | undefined;
  const options = { schema: { hide: true }, config: { access: 'anyone' as const } };
  app.get('/openapi.json', options, async (_request, reply) => {
    text ??= JSON.stringify(app.swagger());
    return reply.type('application/json; charset=utf-8').send(text);
  });
}
