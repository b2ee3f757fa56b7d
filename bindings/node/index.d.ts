/**
 * Prove that a person owns a phone number: send a code by SMS, check what they typed. Failures are a
 * {@link VerifySmsError}; of a call they come as a rejection.
 */

export const INVALID_ARGUMENT: number;
export const NOT_VERIFIED: number;
export const REJECTED: number;
export const CONNECT: number;
export const TLS: number;
export const TIMEOUT: number;
export const CONNECTION_LOST: number;
export const HTTP_STATUS: number;
export const BAD_REPLY: number;
export const CANCELLED: number;
export const INTERNAL: number;
export const LIMITED: number;
export const GUARD_DOWN: number;
export const REACHED_NO: number;
export const REACHED_YES: number;
export const REACHED_UNKNOWN: number;
export const PHONE_UNKNOWN: number;
export const PHONE_MOBILE: number;
export const PHONE_LANDLINE: number;
export const PHONE_VOIP: number;
export const PHONE_KOSHER: number;
export const ENCODING_GSM7: number;
export const ENCODING_UCS2: number;
export const WARNING_WITHOUT_CODE: number;
export const WARNING_SEVERAL_PARTS: number;
export const WARNING_COSTLY_CHARACTER: number;
export const WARNING_CODE_IN_RIGHT_TO_LEFT_LINE: number;
export const WARNING_DIRECTION_MARK: number;
export const WARNING_WEBOTP_MISSING: number;
export const WARNING_WEBOTP_NOT_LAST: number;
export const WARNING_WEBOTP_FORM: number;
export const WARNING_WEBOTP_HOST: number;
export const WARNING_WEBOTP_ORIGIN: number;
export const WARNING_RETRIEVER_LENGTH: number;
export const WARNING_LINK: number;
export const WARNING_OTHER_NUMBER: number;
export const WARNING_SENDER_INVALID: number;
export const WARNING_SENDER_CHARACTERS: number;
export const WARNING_SENDER_NUMBER: number;
export const DELIVERY_UNKNOWN: number;
export const DELIVERY_PENDING: number;
export const DELIVERY_DELIVERED: number;
export const DELIVERY_FAILED: number;
export const DELIVERY_BLOCKED: number;
export const DELIVERY_EXPIRED: number;
export const DELIVERY_CODE_NONE: number;
export const NEXT_NONE: number;
export const NEXT_WAIT: number;
export const NEXT_RETRY_LATER: number;
export const NEXT_ANOTHER_NUMBER: number;
export const NEXT_OPTED_OUT: number;
export const NEXT_ABROAD: number;
export const NEXT_CONTACT_SUPPORT: number;
export const TRUST_SYSTEM: number;
export const TRUST_BUNDLED: number;
export const EVENT_OTHER: number;
export const EVENT_SENT: number;
export const EVENT_CHECKED: number;
export const EVENT_VERIFIED: number;
export const EVENT_REFUSED: number;
export const EVENT_UNKNOWN: number;
export const EVENT_LIMITED: number;
export const EVENT_FAILED: number;
export const GUARD_LOCAL: number;
export const GUARD_REFUSE: number;
export const GUARD_ALLOW: number;
export const LIMIT_COOLDOWN: number;
export const LIMIT_SENDS_NUMBER: number;
export const LIMIT_SENDS_NUMBER_DAY: number;
export const LIMIT_SENDS_USER: number;
export const LIMIT_SENDS_RANGE: number;
export const LIMIT_SENDS_APP: number;
export const LIMIT_TRIES: number;
export const LIMIT_FAILURES_NUMBER: number;
export const LIMIT_FAILURES_USER: number;
export const LOG_WARNING: number;
export const LOG_INFO: number;
export const LOG_DEBUG: number;

/** What one call may carry. */
export interface CallOptions {
  /**
   * Ends this call alone, as CANCELLED: the error is an `AbortError` whose cause is the signal's reason, and
   * `reached` says whether the message may be out.
   */
  signal?: AbortSignal;
}

/** What a check may carry. */
export interface CheckOptions extends CallOptions {
  /** Who asks, such as the address at the other end; the guard counts their calls. */
  endUser?: string | null;
  /** The deadline of the call in milliseconds; the default is the client's. */
  timeoutMs?: number | null;
}

/** What a send may carry. */
export interface SendOptions extends CheckOptions {
  /** Another sender than the client's. */
  sender?: string | null;
  /** Another message than the client's. */
  message?: string | null;
  /** The host of the page on which a browser is to fill the code in. */
  origin?: string | null;
  /** The hash of the Android app that is to fill the code in. */
  appHash?: string | null;
}

/** The end of a call in numbers, for counters and metrics. */
export interface Event {
  /** One of EVENT_, by {@link eventName}. */
  event: number;
  /** How the call ended; 0 without an error. */
  code: number;
  /** One of REACHED_. */
  reached: number;
  /** How long the call took. */
  milliseconds: number;
  /** The attempt that ended it; 0 if none was made. */
  attempt: number;
  /** Whether the attempt went over a connection that was kept from before. */
  reused: boolean;
  /** The limit that refused the call, or 0. */
  limit: number;
}

/** The settings of a client. What is not given, undefined or null keeps the library's default. */
export interface Settings {
  apiKey: string | undefined;
  sender?: string | null;
  /** A template with ##code##. */
  message?: string | null;
  url?: string | null;
  deliveryUrl?: string | null;
  /** The deadline of a call in milliseconds. */
  timeoutMs?: number | null;
  /** The deadline of one attempt to connect in milliseconds. */
  connectTimeoutMs?: number | null;
  /** An address; "" for none, whatever the environment says. */
  proxy?: string | null;
  /** A file in PEM format with the only authorities to trust. */
  caFile?: string | null;
  /** One of TRUST_. */
  trust?: number | null;
  /** Lets the key leave this machine unencrypted. */
  allowHttp?: boolean | null;
  /** Gets each record, a LOG_ and a line, in the thread of the program. */
  log?: ((level: number, line: string) => void) | null;
  /** Gets the end of each call, after its record. */
  event?: ((event: Event) => void) | null;
  /** Where the guard keeps its counts: "memory:", "file:/path" or an address of Redis. */
  guard?: string | null;
  /** No limits on sends and tries. */
  noGuard?: boolean;
  /** At most so many in any time of so many seconds, by LIMIT_; 0 is no limit. */
  limits?: Record<number, readonly [most: number, seconds: number]>;
  guardSecret?: string | null;
  guardNamespace?: string | null;
  /** How long a call waits for the store, in milliseconds. */
  guardTimeoutMs?: number | null;
  /** One of GUARD_. */
  guardFailure?: number | null;
}

/** What is known of a call. It verifies nobody. */
export class Answer {
  protected constructor();
  /** The number in the service's form. */
  readonly to: string;
  /** The sender of an accepted message. */
  readonly sender: string;
  /** The id of an accepted message. */
  readonly unique: string;
  /** When a message was accepted, in seconds of Unix time; 0 if none was. */
  readonly timestamp: number;
  /** One English sentence for a log. */
  readonly message: string;
  /** Which rule an argument breaks, by {@link ruleName}; 0 if none. */
  readonly rule: number;
  /** The service's number in a FAIL, by {@link reasonText}. */
  readonly reason: number;
  /** The service's number in its answer to a check. */
  readonly status: number;
  readonly httpStatus: number;
  /** The limit that makes the next such call wait, by {@link limitName}; 0 if none does. */
  readonly limit: number;
  /** How many seconds the next such call has to wait. */
  readonly retryAfter: number;
  /** How many wrong codes may still be tried; -1 if nobody counts them. */
  readonly triesLeft: number;
  /** One sentence for the person who signs up, in Hebrew. */
  readonly userTextHe: string;
  /** One sentence for the person who signs up, in English. */
  readonly userTextEn: string;
}

/** A message that the service accepted. It verifies nobody. */
export class Sent extends Answer {
  private readonly isSent: true;
}

/** A number that is verified. */
export class Checked extends Answer {
  private readonly isChecked: true;
}

/** What became of a message. It verifies nobody. */
export class Delivery extends Answer {
  /** One of DELIVERY_. */
  readonly state: number;
  /** One of NEXT_. */
  readonly next: number;
  /** The provider's own code; DELIVERY_CODE_NONE without one. */
  readonly code: number;
  /** The provider's words in Hebrew. */
  readonly hebrew: string;
  /** The provider's words in English. */
  readonly english: string;
  /** The provider's date. */
  readonly date: string;
  /** That of the phone. */
  readonly operator: string;
}

/** Why a call did not do what it is for. Its message is for a log, without key, code or full number. */
export class VerifySmsError extends Error {
  private constructor();
  /** How the call ended, such as LIMITED; never 0. */
  readonly code: number;
  /** Whether the request got to the service, one of REACHED_. */
  readonly reached: number;
  /** Which rule an argument or a setting breaks, by {@link ruleName}; 0 if none. */
  readonly rule: number;
  /** What is known beside; null if no call was made. It is not enumerable: JSON of an error has no number. */
  readonly answer: Answer | null;
  /** How many seconds to wait after LIMITED. */
  get retryAfter(): number;
  /** Whether the same call may be made again at once: nothing was sent, and no limit is reached. */
  get safeToRetry(): boolean;
}

/** Keeps connections to the service and makes calls, any number at once. None of them blocks the program. */
export class Client {
  /** Throws a {@link VerifySmsError} that names a setting which is refused. */
  constructor(settings: Settings);
  /** Opens a connection ahead of the next call: when the page opens on which a person types a number. */
  connect(options?: CallOptions): Promise<void>;
  /** Has a code texted to a number. */
  send(to: string, options?: SendOptions): Promise<Sent>;
  /**
   * Checks the code that a person typed. It is fulfilled only if the number is verified, and rejected otherwise: a
   * wrong code is NOT_VERIFIED. A right code works once.
   */
  check(to: string, code: string, options?: CheckOptions): Promise<Checked>;
  /** What became of a message, by the `unique` of its send. */
  delivery(unique: string, options?: CallOptions): Promise<Delivery>;
  /** Forgets what the guard knows of a number: for a call centre that unlocks a person. */
  forget(to: string): Promise<void>;
  /** How far the limits of a number are used, as a text. */
  guardShow(to: string): Promise<string>;
  /** Ends all calls of the client that are running, as CANCELLED. */
  cancel(): void;
  /** Refuses new calls, waits for those that are running, and frees the client. */
  close(): Promise<void>;
}

/** A phone number. */
export interface Phone {
  /** The service's form, 0501234567. */
  to: string;
  /** The international form, +972501234567. */
  e164: string;
  /** One of PHONE_: a hint, as numbers are ported. */
  kind: number;
}

/** Brings a phone number as people write it to its forms; throws a {@link VerifySmsError} if it is none. */
export function normalize(phone: string): Phone;

/** One thing that is wrong with a message. */
export interface Warning {
  /** One of WARNING_. */
  kind: number;
  /** Which character, from 0; -1 for the whole message. */
  position: number;
  text: string;
}

/** What a message costs, and what is wrong with it. */
export interface Inspection {
  /** One of ENCODING_. */
  encoding: number;
  /** In units of the encoding. */
  length: number;
  /** How many parts are sent, each of which is billed. */
  parts: number;
  warnings: Warning[];
}

/** Inspects a message before it is sent. */
export function inspectMessage(
  message: string,
  options?: {
    sender?: string | null;
    /** The host of the page on which a browser is to fill the code in. */
    origin?: string | null;
    /** How many digits the code has; the default is 8. */
    digits?: number;
  },
): Inspection;

/** The sentence that a new code can be asked for in so many seconds: "he" for Hebrew, otherwise English. */
export function waitText(seconds: number, language: string): string;
/** The name of a limit, such as "SENDS_NUMBER". */
export function limitName(limit: number): string;
/** The name of a rule, such as "PHONE_TOO_SHORT". */
export function ruleName(rule: number): string;
/** The name of an event, such as "VERIFIED". */
export function eventName(event: number): string;
/** What a reason of the service means, in a few words. */
export function reasonText(reason: number): string;
/** The version of the loaded library. */
export function version(): string;
