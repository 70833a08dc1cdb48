/** The certificate that the doors serve TLS 1.3 with, taken up anew when its files change, without a restart. */
import type { ServerOptions } from 'node:https';
import { createSecureContext, type SecureContext, type Server } from 'node:tls';
import { type Certificate, type CertificateFiles, readCertificate, timeTrouble } from './certificate.ts';

/** Between two looks at the files, in milliseconds. They are read whole: links that are swapped tell no tales by name. */
const LOOK_MS = 5_000;
const NOT_SERVED = 'the renewed certificate is not served: the log says why';
/** A client that does not get through the handshake by then is hung up on. Milliseconds. */
const HANDSHAKE_MS = 10_000;

interface CertificateListener {
  /** Another certificate is served from now on. */
  onRenewed(certificate: Certificate): void;
  /** What {@link ServedCertificate.trouble} says has become another thing. */
  onTrouble(says: string): void;
}

export class ServedCertificate {
  readonly #files: CertificateFiles;
  readonly #listener: CertificateListener;
  readonly #now: () => Date;
  readonly #servers = new Set<Pick<Server, 'setSecureContext'>>();
  #certificate: Certificate;
  #secured: SecureContext;
  /** Why what lies in the files is not served. */
  #broken: string | undefined;
  /** Of the last look: one that stays is a trouble, one that passes was a renewal seen half way. */
  #doubt: string | undefined;
  #told: string | undefined;
  #timer: NodeJS.Timeout | undefined;

  private constructor(
    files: CertificateFiles,
    certificate: Certificate,
    listener: CertificateListener,
    now: () => Date,
  ) {
    this.#files = files;
    this.#certificate = certificate;
    this.#secured = createSecureContext(this.#context);
    this.#listener = listener;
    this.#now = now;
  }

  /** @throws Fault CONFIG_INVALID: the files hold nothing that can be served */
  static async open(
    files: CertificateFiles,
    listener: CertificateListener,
    now: () => Date = () => new Date(),
  ): Promise<ServedCertificate> {
    const served = new ServedCertificate(files, await readCertificate(files), listener, now);
    served.#tell();
    return served;
  }

  get certificate(): Certificate {
    return this.#certificate;
  }

  /** {@link trouble} for whoever asks the door: it names no file, and repeats no word of the system. */
  get notice(): string | undefined {
    return this.#broken === undefined ? this.trouble : NOT_SERVED;
  }

  /** What people should look into: a renewal that cannot be served, or the certificate's end. For the log. */
  get trouble(): string | undefined {
    return this.#broken ?? timeTrouble(this.#certificate, this.#now());
  }

  /** For a server to be made with. */
  get options(): ServerOptions {
    return {
      ...this.#context,
      handshakeTimeout: HANDSHAKE_MS,
      // Asked for each client that names its host; the others get the context of the server.
      SNICallback: (_name, done) => done(null, this.#secured),
    };
  }

  /** From now on `server` follows each renewal. What is connected stays so, under the certificate that it met. */
  serve(server: Pick<Server, 'setSecureContext'>): void {
    this.#servers.add(server);
  }

  /** Looks at the files until {@link stop}. */
  watch(everyMs: number = LOOK_MS): void {
    const look = async (): Promise<void> => {
      await this.look();
      this.#timer?.refresh();
    };
    this.#timer = setTimeout(() => void look(), everyMs).unref();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Takes up what lies in the files, if it is new and can be served; else the old one stays. */
  async look(): Promise<void> {
    try {
      this.#take(await readCertificate(this.#files));
      this.#doubt = undefined;
      this.#broken = undefined;
    } catch (error) {
      const says = error instanceof Error ? error.message : String(error);
      if (this.#doubt !== undefined) this.#broken = `the renewed certificate is not served: ${says}`;
      this.#doubt = says;
    }
    this.#tell();
  }

  /** @throws Error: it is past its time, and the one that is served is not */
  #take(found: Certificate): void {
    const { cert, key, validTo } = this.#certificate;
    if (found.cert === cert && found.key === key) return;
    const now = this.#now();
    if (found.validTo <= now && validTo > now) throw new Error('it has expired already');
    this.#certificate = found;
    this.#secured = createSecureContext(this.#context);
    for (const server of this.#servers) server.setSecureContext(this.#context);
    this.#listener.onRenewed(found);
  }

  get #context() {
    const { cert, key } = this.#certificate;
    return { cert, key, minVersion: 'TLSv1.3' } as const;
  }

  #tell(): void {
    const { trouble } = this;
    if (trouble !== undefined && trouble !== this.#told) this.#listener.onTrouble(trouble);
    this.#told = trouble;
  }
}
