/** Logging in on the v1 wire. */
import { type Static, Type } from 'typebox';
import { printable } from './vocabulary.ts';

export const LoginRequest = Type.Object(
  {
    username: printable(64, { minLength: 1 }),
    password: Type.String({ minLength: 1, maxLength: 256, format: 'password' }),
  },
  { $id: 'LoginRequest', additionalProperties: false },
);
export type LoginRequest = Static<typeof LoginRequest>;

export const LoginAnswer = Type.Object(
  {
    access_token: Type.String(),
    token_type: Type.Literal('bearer'),
    expires_in: Type.Integer({ description: 'Seconds' }),
  },
  { $id: 'LoginAnswer' },
);
