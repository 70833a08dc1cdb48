/** Strict JSON for small request bodies: what is ambiguous or dangerous elsewhere is refused here by name. */
import { Fault } from '../faults/fault.ts';
import { type ExactNumber, numberOf } from './exact-number.ts';
import { FieldFault } from './field-fault.ts';

export type Json = null | boolean | number | ExactNumber | string | Json[] | { [key: string]: Json };

/** Objects and arrays within each other; deeper is no order. */
const DEPTH_MAX = 32;
/** Keys that have reached into prototypes before. */
const POISON: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const HEX4 = /^[0-9a-fA-F]{4}$/;
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/**
 * Reads one JSON value. Numbers keep their exact value (see {@link numberOf}).
 * @throws Fault BODY_MALFORMED: not JSON
 * @throws FieldFault BODY_INVALID: JSON, with a duplicate or poisonous key, a lone surrogate, or too deep
 */
export function parseJson(text: string): Json {
  if (!text.isWellFormed()) throw new FieldFault([{ field: 'body', message: 'has a lone surrogate' }]);
  return new Reader(text).document();
}

class Reader {
  readonly #text: string;
  #at = 0;
  /** Where in the value the reader stands; its length is the depth. */
  readonly #path: (string | number)[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  document(): Json {
    const value = this.#value();
    if (!Number.isNaN(this.#next())) throw this.#malformed();
    return value;
  }

  #value(): Json {
    const code = this.#next();
    switch (code) {
      case QUOTE:
        return this.#string();
      case OPEN_BRACE:
        return this.#object();
      case OPEN_BRACKET:
        return this.#array();
      case 0x74:
        return this.#word('true', true);
      case 0x66:
        return this.#word('false', false);
      case 0x6e:
        return this.#word('null', null);
      default:
        return this.#number();
    }
  }

  /** Code of the next character that is no white space, which stays unread; NaN at the end. */
  #next(): number {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return code;
      this.#at++;
    }
  }

  #object(): Json {
    const object: { [key: string]: Json } = {};
    this.#enter();
    if (this.#next() === CLOSE_BRACE) return this.#leave(object);
    for (;;) {
      if (this.#next() !== QUOTE) throw this.#malformed();
      const key = this.#string();
      this.#path[this.#path.length - 1] = key;
      if (POISON.has(key)) throw this.#refused('is not a field');
      if (Object.hasOwn(object, key)) throw this.#refused('is given twice');
      if (this.#next() !== COLON) throw this.#malformed();
      this.#at++;
      object[key] = this.#value();
      const code = this.#next();
      if (code === CLOSE_BRACE) return this.#leave(object);
      if (code !== COMMA) throw this.#malformed();
      this.#at++;
    }
  }

  #array(): Json {
    const array: Json[] = [];
    this.#enter();
    if (this.#next() === CLOSE_BRACKET) return this.#leave(array);
    for (;;) {
      this.#path[this.#path.length - 1] = array.length;
      array.push(this.#value());
      const code = this.#next();
      if (code === CLOSE_BRACKET) return this.#leave(array);
      if (code !== COMMA) throw this.#malformed();
      this.#at++;
    }
  }

  #enter(): void {
    this.#at++;
    if (this.#path.length === DEPTH_MAX) throw this.#refused(`is nested deeper than ${DEPTH_MAX}`);
    this.#path.push(0);
  }

  #leave<T>(value: T): T {
    this.#at++;
    this.#path.pop();
    return value;
  }

  #string(): string {
    const text = this.#text;
    const start = ++this.#at;
    for (let at = start; ; at++) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) {
        this.#at = at + 1;
        return text.slice(start, at);
      }
      this.#at = at;
      if (code === BACKSLASH) return this.#escaped(text.slice(start, at));
      if (!(code >= 0x20)) throw this.#malformed(); // a control character, or NaN: the end
    }
  }

  /** The rest of a string from its first backslash. */
  #escaped(beginning: string): string {
    let value = beginning;
    for (;;) {
      const character = this.#text[this.#at++];
      if (character === '"') break;
      if (character === undefined || character < ' ') throw this.#malformed();
      value += character === '\\' ? this.#escape() : character;
    }
    if (!value.isWellFormed()) throw this.#refused('has a lone surrogate');
    return value;
  }

  #escape(): string {
    const letter = this.#text[this.#at++] ?? '';
    if (letter !== 'u') {
      const plain = ESCAPES[letter];
      if (plain === undefined) throw this.#malformed();
      return plain;
    }
    const hex = this.#text.slice(this.#at, this.#at + 4);
    if (!HEX4.test(hex)) throw this.#malformed();
    this.#at += 4;
    return String.fromCharCode(Number.parseInt(hex, 16));
  }

  #number(): number | ExactNumber {
    NUMBER.lastIndex = this.#at;
    const text = NUMBER.exec(this.#text)?.[0];
    if (text === undefined) throw this.#malformed();
    this.#at += text.length;
    return numberOf(text);
  }

  #word<T>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) throw this.#malformed();
    this.#at += word.length;
    return value;
  }

  #malformed(): Fault {
    return new Fault('BODY_MALFORMED', `at character ${this.#at + 1}`);
  }

  #refused(message: string): FieldFault {
    const field = this.#path.map((step) => String(step).slice(0, 64)).join('.');
    return new FieldFault([{ field: field === '' ? 'body' : field, message }]);
  }
}
