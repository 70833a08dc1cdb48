/** Logging in, staying in and logging out on the v1 wire. */
import { type Static, Type } from 'typebox';
import { printable, Timestamp } from './vocabulary.ts';

export const LoginRequest = Type.Object(
  {
    username: printable(64, { minLength: 1 }),
    password: Type.String({ minLength: 1, maxLength: 256, format: 'password' }),
  },
  { $id: 'LoginRequest', additionalProperties: false },
);
export type LoginRequest = Static<typeof LoginRequest>;

/** Also what a refresh answers. */
export const LoginAnswer = Type.Object(
  {
    access_token: Type.String(),
    token_type: Type.Literal('bearer'),
    expires_in: Type.Integer({ description: 'Seconds' }),
    refresh_token: Type.Optional(
      Type.String({ description: 'Good once, for the next pair; not there while sessions cannot be kept' }),
    ),
    refresh_expires_in: Type.Optional(
      Type.Integer({ description: 'Seconds until the session ends, however often it is refreshed' }),
    ),
  },
  { $id: 'LoginAnswer' },
);

export const RefreshRequest = Type.Object(
  { refresh_token: Type.String({ minLength: 1, maxLength: 2_048, format: 'password' }) },
  { $id: 'RefreshRequest', additionalProperties: false },
);
export type RefreshRequest = Static<typeof RefreshRequest>;

/** Nothing is asked: the bearer token says which session ends. */
export const LogoutRequest = Type.Union([Type.Null(), Type.Object({}, { additionalProperties: false })], {
  $id: 'LogoutRequest',
});

export const LogoutAnswer = Type.Object(
  { message: Type.String(), timestamp: Timestamp },
  { $id: 'LogoutAnswer' },
);
