/** The AsyncAPI document, from the tables that the messages on the bus are made by. */
import { VERSION } from '../../src/main/version.ts';
import { asyncApi } from '../../src/publisher/asyncapi.ts';

export const asyncApiDocument = (): string => `${JSON.stringify(asyncApi(VERSION), undefined, 2)}\n`;
