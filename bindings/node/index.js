'use strict';

/**
 * The C library over koffi. Calls are promises: those of a client share one queue of the library, for which one worker
 * thread waits, however many they are. A check is fulfilled only if the number is verified. Only this file calls C.
 */

const koffi = require('koffi');
const { inspect } = require('node:util');

// Each by itself, so that `import` finds it.
exports.INVALID_ARGUMENT = 1;
exports.NOT_VERIFIED = 2;
exports.REJECTED = 3;
exports.CONNECT = 4;
exports.TLS = 5;
exports.TIMEOUT = 6;
exports.CONNECTION_LOST = 7;
exports.HTTP_STATUS = 8;
exports.BAD_REPLY = 9;
exports.CANCELLED = 10;
exports.INTERNAL = 11;
exports.LIMITED = 12;
exports.GUARD_DOWN = 13;
exports.REACHED_NO = 0;
exports.REACHED_YES = 1;
exports.REACHED_UNKNOWN = 2;
exports.PHONE_UNKNOWN = 0;
exports.PHONE_MOBILE = 1;
exports.PHONE_LANDLINE = 2;
exports.PHONE_VOIP = 3;
exports.PHONE_KOSHER = 4;
exports.ENCODING_GSM7 = 1;
exports.ENCODING_UCS2 = 2;
exports.WARNING_WITHOUT_CODE = 1;
exports.WARNING_SEVERAL_PARTS = 2;
exports.WARNING_COSTLY_CHARACTER = 3;
exports.WARNING_CODE_IN_RIGHT_TO_LEFT_LINE = 4;
exports.WARNING_DIRECTION_MARK = 5;
exports.WARNING_WEBOTP_MISSING = 6;
exports.WARNING_WEBOTP_NOT_LAST = 7;
exports.WARNING_WEBOTP_FORM = 8;
exports.WARNING_WEBOTP_HOST = 9;
exports.WARNING_WEBOTP_ORIGIN = 10;
exports.WARNING_RETRIEVER_LENGTH = 11;
exports.WARNING_LINK = 12;
exports.WARNING_OTHER_NUMBER = 13;
exports.WARNING_SENDER_INVALID = 14;
exports.WARNING_SENDER_CHARACTERS = 15;
exports.WARNING_SENDER_NUMBER = 16;
exports.DELIVERY_UNKNOWN = 0;
exports.DELIVERY_PENDING = 1;
exports.DELIVERY_DELIVERED = 2;
exports.DELIVERY_FAILED = 3;
exports.DELIVERY_BLOCKED = 4;
exports.DELIVERY_EXPIRED = 5;
exports.DELIVERY_CODE_NONE = -2147483647;
exports.NEXT_NONE = 0;
exports.NEXT_WAIT = 1;
exports.NEXT_RETRY_LATER = 2;
exports.NEXT_ANOTHER_NUMBER = 3;
exports.NEXT_OPTED_OUT = 4;
exports.NEXT_ABROAD = 5;
exports.NEXT_CONTACT_SUPPORT = 6;
exports.TRUST_SYSTEM = 0;
exports.TRUST_BUNDLED = 1;
exports.EVENT_OTHER = 0;
exports.EVENT_SENT = 1;
exports.EVENT_CHECKED = 2;
exports.EVENT_VERIFIED = 3;
exports.EVENT_REFUSED = 4;
exports.EVENT_UNKNOWN = 5;
exports.EVENT_LIMITED = 6;
exports.EVENT_FAILED = 7;
exports.GUARD_LOCAL = 0;
exports.GUARD_REFUSE = 1;
exports.GUARD_ALLOW = 2;
exports.LIMIT_COOLDOWN = 1;
exports.LIMIT_SENDS_NUMBER = 2;
exports.LIMIT_SENDS_NUMBER_DAY = 3;
exports.LIMIT_SENDS_USER = 4;
exports.LIMIT_SENDS_RANGE = 5;
exports.LIMIT_SENDS_APP = 6;
exports.LIMIT_TRIES = 7;
exports.LIMIT_FAILURES_NUMBER = 8;
exports.LIMIT_FAILURES_USER = 9;
exports.LOG_WARNING = 4;
exports.LOG_INFO = 6;
exports.LOG_DEBUG = 7;

const DECLARATIONS = `
verifysms_config *verifysms_config_new(const char *api_key);
int verifysms_config_set_sender(verifysms_config *config, const char *sender);
int verifysms_config_set_message(verifysms_config *config, const char *message);
int verifysms_config_set_url(verifysms_config *config, const char *url);
int verifysms_config_set_timeout_ms(verifysms_config *config, int ms);
int verifysms_config_set_connect_timeout_ms(verifysms_config *config, int ms);
int verifysms_config_set_proxy(verifysms_config *config, const char *url);
int verifysms_config_set_ca_file(verifysms_config *config, const char *pem_path);
int verifysms_config_set_trust(verifysms_config *config, int trust);
int verifysms_config_set_allow_http(verifysms_config *config, int yes);
int verifysms_config_set_log(verifysms_config *config, verifysms_log_fn log, void *user_data);
int verifysms_config_set_event(verifysms_config *config, verifysms_event_fn event, void *user_data);
const char *verifysms_config_error(const verifysms_config *config);
int verifysms_config_rule(const verifysms_config *config);
void verifysms_config_free(verifysms_config *config);
int verifysms_config_set_guard(verifysms_config *config, const char *store);
int verifysms_config_set_limit(verifysms_config *config, int limit, int most, int seconds);
int verifysms_config_set_guard_secret(verifysms_config *config, const char *secret);
int verifysms_config_set_guard_namespace(verifysms_config *config, const char *name);
int verifysms_config_set_guard_timeout_ms(verifysms_config *config, int ms);
int verifysms_config_set_guard_failure(verifysms_config *config, int failure);
verifysms_client *verifysms_client_new(verifysms_config *config);
void verifysms_client_cancel(verifysms_client *client);
void verifysms_client_free(verifysms_client *client);
verifysms_result *verifysms_forget(verifysms_client *client, const char *to);
verifysms_result *verifysms_guard_show(verifysms_client *client, const char *to);
verifysms_request *verifysms_request_new(const char *to);
int verifysms_request_set_end_user(verifysms_request *request, const char *end_user);
int verifysms_request_set_sender(verifysms_request *request, const char *sender);
int verifysms_request_set_message(verifysms_request *request, const char *message);
int verifysms_request_set_origin(verifysms_request *request, const char *origin);
int verifysms_request_set_app_hash(verifysms_request *request, const char *app_hash);
int verifysms_request_set_timeout_ms(verifysms_request *request, int ms);
void verifysms_request_free(verifysms_request *request);
verifysms_result *verifysms_send_request(verifysms_client *client, const verifysms_request *request);
verifysms_result *verifysms_check_request(verifysms_client *client, const verifysms_request *request, const char *code);
verifysms_queue *verifysms_queue_new(verifysms_client *client);
int verifysms_queue_descriptor(const verifysms_queue *queue);
int verifysms_queue_send_request(verifysms_queue *queue, const verifysms_request *request, void *user_data);
int verifysms_queue_check_request(verifysms_queue *queue,
                                  const verifysms_request *request,
                                  const char *code,
                                  void *user_data);
int verifysms_queue_connect(verifysms_queue *queue, void *user_data);
int verifysms_queue_delivery(verifysms_queue *queue, const char *unique, void *user_data);
verifysms_result *verifysms_queue_next(verifysms_queue *queue, void **user_data);
int verifysms_queue_cancel(verifysms_queue *queue, void *user_data);
void verifysms_queue_free(verifysms_queue *queue);
int verifysms_result_code(const verifysms_result *result);
int verifysms_result_reached(const verifysms_result *result);
int verifysms_result_rule(const verifysms_result *result);
int verifysms_result_reason(const verifysms_result *result);
int verifysms_result_status(const verifysms_result *result);
int verifysms_result_http_status(const verifysms_result *result);
int64_t verifysms_result_timestamp(const verifysms_result *result);
const char *verifysms_result_unique(const verifysms_result *result);
const char *verifysms_result_sender(const verifysms_result *result);
const char *verifysms_result_to(const verifysms_result *result);
const char *verifysms_result_message(const verifysms_result *result);
void verifysms_result_free(verifysms_result *result);
int verifysms_result_limit(const verifysms_result *result);
int verifysms_result_retry_after(const verifysms_result *result);
int verifysms_result_tries_left(const verifysms_result *result);
int verifysms_config_set_delivery_url(verifysms_config *config, const char *url);
int verifysms_result_delivery_state(const verifysms_result *result);
int verifysms_result_delivery_next(const verifysms_result *result);
int verifysms_result_delivery_code(const verifysms_result *result);
const char *verifysms_result_delivery_hebrew(const verifysms_result *result);
const char *verifysms_result_delivery_english(const verifysms_result *result);
const char *verifysms_result_delivery_date(const verifysms_result *result);
const char *verifysms_result_delivery_operator(const verifysms_result *result);
const char *verifysms_result_user_text(const verifysms_result *result, const char *language);
int verifysms_wait_text(int seconds, const char *language, char *buffer, int size);
int verifysms_phone_normalize(const char *text, char *buffer, int size);
int verifysms_phone_e164(const char *text, char *buffer, int size);
int verifysms_phone_kind(const char *text);
verifysms_message *verifysms_message_inspect(const char *message, const char *sender, const char *origin);
int verifysms_message_encoding(const verifysms_message *message);
int verifysms_message_length(const verifysms_message *message, int digits);
int verifysms_message_parts(const verifysms_message *message, int digits);
int verifysms_message_warning_count(const verifysms_message *message);
int verifysms_message_warning(const verifysms_message *message, int index);
int verifysms_message_warning_position(const verifysms_message *message, int index);
const char *verifysms_message_warning_text(const verifysms_message *message, int index);
void verifysms_message_free(verifysms_message *message);
const char *verifysms_limit_name(int limit);
const char *verifysms_rule_name(int rule);
const char *verifysms_event_name(int event);
const char *verifysms_reason_text(int reason);
const char *verifysms_version(void);
`;

const LIBRARY = process.env.VERIFYSMS_LIBRARY || 'libverifysms.so.1';

/** The functions of the library by their names. */
function load() {
  let library;
  try {
    library = koffi.load(LIBRARY);
  } catch (cause) {
    throw new Error(
      `cannot load ${LIBRARY}: install verifysms, or name the file in VERIFYSMS_LIBRARY; bindings/README.md, ` +
        '"The library is not found"',
      { cause },
    );
  }
  const functions = {};
  for (const [declaration, name] of DECLARATIONS.matchAll(/^\w.*?(verifysms_\w+)\([^)]*\)/gm)) {
    // Without names of types, which koffi keeps for good, this file may be loaded again.
    functions[name] = library.func(declaration.replace(/verifysms_\w+ \*|verifysms_\w+_fn /g, 'void *'));
  }
  return functions;
}

const C = load();
const poll = koffi.load(null).func('int poll(void *descriptors, unsigned long count, int timeout)');
const LOG = koffi.pointer(koffi.proto('void', ['void *', 'int', 'const char *']));
const EVENT = koffi.pointer(koffi.proto('void', ['void *', ...Array(7).fill('int')]));
const OK = 0;

/** A text as C reads it. What is refused is not shown: it may be a key or a code. */
function text(name, value) {
  if (typeof value !== 'string') throw refusal(`${name}: is no text`);
  // C ends a text at a NUL, and half a character would become another one.
  if (/\0|\p{Surrogate}/u.test(value)) throw refusal(`${name}: has a NUL or half a character in it`);
  return value;
}

function number(name, value) {
  if (!Number.isInteger(value) || value !== (value | 0)) throw refusal(`${name}: is no whole number of 32 bits`);
  return value;
}

function flag(name, value) {
  if (typeof value !== 'boolean') throw refusal(`${name}: is neither true nor false`);
  return value ? 1 : 0;
}

/** What verifysms_config_set_... and verifysms_request_set_... take. */
const SETTINGS = {
  sender: text,
  message: text,
  url: text,
  deliveryUrl: text,
  timeoutMs: number,
  connectTimeoutMs: number,
  proxy: text,
  caFile: text,
  trust: number,
  allowHttp: flag,
  guard: text,
  guardSecret: text,
  guardNamespace: text,
  guardTimeoutMs: number,
  guardFailure: number,
};
const FOR_ALL = ['apiKey', 'log', 'event', 'noGuard', 'limits'];
const OF_A_CHECK = { endUser: text, timeoutMs: number };
const OF_A_SEND = { ...OF_A_CHECK, sender: text, message: text, origin: text, appHash: text };

/** What verifysms_result_... returns, by the fields of an answer. */
const FIELDS = {
  to: 'to',
  sender: 'sender',
  unique: 'unique',
  timestamp: 'timestamp',
  message: 'message',
  rule: 'rule',
  reason: 'reason',
  status: 'status',
  httpStatus: 'http_status',
  limit: 'limit',
  retryAfter: 'retry_after',
  triesLeft: 'tries_left',
};
const FIELDS_OF_A_DELIVERY = {
  state: 'delivery_state',
  next: 'delivery_next',
  code: 'delivery_code',
  hebrew: 'delivery_hebrew',
  english: 'delivery_english',
  date: 'delivery_date',
  operator: 'delivery_operator',
};

function read(result, fields) {
  return Object.fromEntries(
    Object.entries(fields).map(([field, name]) => [field, C[`verifysms_result_${name}`](result)]),
  );
}

class Answer {
  constructor(result) {
    Object.assign(this, read(result, FIELDS));
    this.userTextHe = C.verifysms_result_user_text(result, 'he');
    this.userTextEn = C.verifysms_result_user_text(result, 'en');
  }

  /** What a log shows: only the last digits of the number, as the library's own. */
  [inspect.custom]() {
    const { constructor, to, status, unique, message } = this;
    return `${constructor.name} { ...${to.slice(-3)}, status ${status}, ${unique}: ${message} }`;
  }

  toString() {
    return inspect(this);
  }
}

class Sent extends Answer {}

class Checked extends Answer {}

class Delivery extends Answer {
  constructor(result) {
    super(result);
    Object.assign(this, read(result, FIELDS_OF_A_DELIVERY));
  }
}

class VerifySmsError extends Error {
  constructor(message, { code, reached = exports.REACHED_NO, rule = 0, answer = null }, cause) {
    super(message, cause === undefined ? undefined : { cause });
    // As the functions of Node name what a signal has ended.
    this.name = cause === undefined ? 'VerifySmsError' : 'AbortError';
    this.code = code;
    this.reached = reached;
    this.rule = rule;
    // What writes an error as JSON, as loggers do, takes what is enumerable: not the number.
    Object.defineProperty(this, 'answer', { value: answer });
  }

  get retryAfter() {
    return this.answer?.retryAfter ?? 0;
  }

  get safeToRetry() {
    return this.reached === exports.REACHED_NO && this.code !== exports.LIMITED && this.code !== exports.GUARD_DOWN;
  }
}

function refusal(message, rule = 0) {
  return new VerifySmsError(message, { code: exports.INVALID_ARGUMENT, rule });
}

/** The answer of a result that did what its call is for, or else its error; the result is freed. */
function settled(result, Answered, signal) {
  try {
    const code = C.verifysms_result_code(result);
    if (code === OK) return new Answered(result);
    const answer = new Answer(result);
    const reached = C.verifysms_result_reached(result);
    const aborted = code === exports.CANCELLED && signal?.aborted;
    const fields = { code, reached, rule: answer.rule, answer };
    throw new VerifySmsError(answer.message, fields, aborted ? signal.reason : undefined);
  } finally {
    C.verifysms_result_free(result);
  }
}

/** Calls a setter for each option that was given. */
function apply(prefix, handle, kinds, given) {
  for (const [name, value] of Object.entries(given)) {
    if (value !== undefined && value !== null && name in kinds) {
      const setter = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
      C[prefix + setter](handle, kinds[name](name, value));
    }
  }
}

/** Refuses an option that is misspelt. Its value is not shown. */
function known(given, names) {
  for (const name of Object.keys(given)) {
    if (!names.includes(name)) throw refusal(`${name}: is none of ${names.join(', ')}`);
  }
}

/** Clients with running calls. A thread that waits for them would keep a process from its end. */
const busy = new Set();
process.on('exit', () => busy.forEach((client) => client.cancel()));

function free({ client, queue, functions }) {
  C.verifysms_queue_free(queue);
  C.verifysms_client_free(client);
  functions.forEach((called) => koffi.unregister(called));
}

/** Frees what nobody has closed. */
const forgotten = new FinalizationRegistry(free);

class Client {
  #handles;
  #descriptor = Buffer.alloc(8);
  /** What takes the result of a call, by its number. */
  #calls = new Map();
  #numbers = 0n;
  #isPolled = false;
  #running = new Set();
  #isClosed = false;

  constructor(settings) {
    known(settings, [...FOR_ALL, ...Object.keys(SETTINGS)]);
    const { apiKey, log, event, noGuard = false, limits = {} } = settings;
    const config = C.verifysms_config_new(apiKey === undefined ? null : text('apiKey', apiKey));
    const functions = [];
    /** Has C call a function after its own has returned: there, what is thrown would be nobody's. */
    const call = (name, setter, type, given, numbers) => {
      if (given === undefined || given === null) return;
      if (typeof given !== 'function') throw refusal(`${name}: is no function`);
      functions.push(koffi.register((_, ...told) => process.nextTick(given, ...numbers(told)), type));
      setter(config, functions.at(-1), null);
    };
    try {
      apply('verifysms_config_set_', config, SETTINGS, settings);
      for (const [limit, [most, seconds]] of Object.entries(limits)) {
        const numbers = [Number(limit), most, seconds].map((value) => number('limits', value));
        C.verifysms_config_set_limit(config, ...numbers);
      }
      if (flag('noGuard', noGuard)) C.verifysms_config_set_guard(config, null);
      call('log', C.verifysms_config_set_log, LOG, log, (told) => told);
      call('event', C.verifysms_config_set_event, EVENT, event, (told) => {
        const [kind, code, reached, milliseconds, attempt, reused, limit] = told;
        return [{ event: kind, code, reached, milliseconds, attempt, reused: reused !== 0, limit }];
      });
      const client = C.verifysms_client_new(config);
      if (client === null) throw refusal(C.verifysms_config_error(config), C.verifysms_config_rule(config));
      this.#handles = { client, queue: C.verifysms_queue_new(client), functions };
    } catch (refused) {
      functions.forEach((called) => koffi.unregister(called));
      throw refused;
    } finally {
      C.verifysms_config_free(config);
    }
    const { queue } = this.#handles;
    if (queue === null) {
      free(this.#handles);
      throw new VerifySmsError('no descriptor is left for a queue', { code: exports.INTERNAL });
    }
    forgotten.register(this, this.#handles, this);
    // struct pollfd: the descriptor, and POLLIN.
    this.#descriptor.writeInt32LE(C.verifysms_queue_descriptor(queue), 0);
    this.#descriptor.writeInt16LE(1, 4);
  }

  async connect(options = {}) {
    known(options, ['signal']);
    const start = (queue, call) => C.verifysms_queue_connect(queue, call);
    await this.#queued(start, Answer, options.signal);
  }

  async send(to, options = {}) {
    const start = (queue, call, request) => C.verifysms_queue_send_request(queue, request, call);
    return this.#requested(to, OF_A_SEND, options, start, Sent);
  }

  async check(to, code, options = {}) {
    const typed = text('code', code);
    const start = (queue, call, request) => C.verifysms_queue_check_request(queue, request, typed, call);
    const checked = await this.#requested(to, OF_A_CHECK, options, start, Checked);
    if (checked.status !== 1) {
      throw new VerifySmsError('not verified', {
        code: exports.NOT_VERIFIED,
        reached: exports.REACHED_YES,
        answer: checked,
      });
    }
    return checked;
  }

  async delivery(unique, options = {}) {
    known(options, ['signal']);
    const id = text('unique', unique);
    const start = (queue, call) => C.verifysms_queue_delivery(queue, id, call);
    return this.#queued(start, Delivery, options.signal);
  }

  async forget(to) {
    await this.#inThread(C.verifysms_forget, to);
  }

  async guardShow(to) {
    return (await this.#inThread(C.verifysms_guard_show, to)).message;
  }

  cancel() {
    if (this.#handles !== null) C.verifysms_client_cancel(this.#handles.client);
  }

  async close() {
    this.#isClosed = true;
    await Promise.allSettled(this.#running);
    if (this.#handles === null) return;
    forgotten.unregister(this);
    free(this.#handles);
    this.#handles = null;
  }

  /** A call about a number, with what else a request carries. */
  async #requested(to, kinds, options, start, Answered) {
    known(options, ['signal', ...Object.keys(kinds)]);
    const request = C.verifysms_request_new(text('to', to));
    try {
      apply('verifysms_request_set_', request, kinds, options);
      return this.#queued((queue, call) => start(queue, call, request), Answered, options.signal);
    } finally {
      // The queue has what it needs.
      C.verifysms_request_free(request);
    }
  }

  /** Starts a call in the queue; its answer comes later. */
  #queued(start, Answered, signal) {
    if (signal?.aborted) {
      const cancelled = { code: exports.CANCELLED };
      return Promise.reject(new VerifySmsError('cancelled before the call', cancelled, signal.reason));
    }
    return this.#run(({ queue }) => {
      const call = ++this.#numbers;
      const code = start(queue, call);
      if (code !== OK) throw new VerifySmsError('the call was not started', { code });
      const abort = () => C.verifysms_queue_cancel(queue, call);
      signal?.addEventListener('abort', abort);
      return new Promise((resolve, reject) => {
        this.#calls.set(call, (result) => {
          signal?.removeEventListener('abort', abort);
          try {
            resolve(settled(result, Answered, signal));
          } catch (failure) {
            reject(failure);
          }
        });
        this.#wait();
      });
    });
  }

  /** Makes a call that the queue does not have in a worker thread. */
  #inThread(call, to) {
    const given = text('to', to);
    return this.#run(async ({ client }) => {
      const result = await new Promise((resolve, reject) => {
        call.async(client, given, (failure, made) => (failure ? reject(failure) : resolve(made)));
      });
      return settled(result, Answer);
    });
  }

  /** Makes a call for which close() waits. */
  async #run(made) {
    if (this.#isClosed) throw refusal('the client is closed');
    const running = made(this.#handles);
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }

  /** Has a worker thread wait until the queue has something to do. */
  #wait() {
    if (this.#isPolled || this.#calls.size === 0) return;
    this.#isPolled = true;
    busy.add(this);
    poll.async(this.#descriptor, 1, -1, (failure) => {
      this.#isPolled = false;
      busy.delete(this);
      if (failure) throw failure;
      this.#take();
      this.#wait();
    });
  }

  /** Takes the results of the calls that have ended. */
  #take() {
    const user = Buffer.alloc(8);
    let result;
    while ((result = C.verifysms_queue_next(this.#handles.queue, user)) !== null) {
      const call = user.readBigUInt64LE();
      const take = this.#calls.get(call);
      this.#calls.delete(call);
      take(result);
    }
  }
}

/** What a function writes into a buffer, as a text, and what it returns. */
function filled(size, fill) {
  const buffer = Buffer.alloc(size);
  const returned = fill(buffer, size);
  return [buffer.toString('utf8', 0, buffer.indexOf(0)), returned];
}

function normalize(phone) {
  const given = text('phone', phone);
  const [to, rule] = filled(16, (buffer, size) => C.verifysms_phone_normalize(given, buffer, size));
  if (rule !== 0) throw refusal(`the phone number breaks the rule ${ruleName(rule)}`, rule);
  const [e164] = filled(16, (buffer, size) => C.verifysms_phone_e164(given, buffer, size));
  return { to, e164, kind: C.verifysms_phone_kind(given) };
}

function inspectMessage(message, { sender, origin, digits = 8 } = {}) {
  const optional = (name, value) => (value === undefined || value === null ? null : text(name, value));
  const long = number('digits', digits);
  const found = C.verifysms_message_inspect(
    text('message', message),
    optional('sender', sender),
    optional('origin', origin),
  );
  const inspection = {
    encoding: C.verifysms_message_encoding(found),
    length: C.verifysms_message_length(found, long),
    parts: C.verifysms_message_parts(found, long),
    warnings: Array.from({ length: C.verifysms_message_warning_count(found) }, (_, index) => ({
      kind: C.verifysms_message_warning(found, index),
      position: C.verifysms_message_warning_position(found, index),
      text: C.verifysms_message_warning_text(found, index),
    })),
  };
  C.verifysms_message_free(found);
  return inspection;
}

function waitText(seconds, language) {
  const given = [number('seconds', seconds), text('language', language)];
  return filled(256, (buffer, size) => C.verifysms_wait_text(...given, buffer, size))[0];
}

function limitName(limit) {
  return C.verifysms_limit_name(number('limit', limit));
}

function ruleName(rule) {
  return C.verifysms_rule_name(number('rule', rule));
}

function eventName(event) {
  return C.verifysms_event_name(number('event', event));
}

function reasonText(reason) {
  return C.verifysms_reason_text(number('reason', reason));
}

function version() {
  return C.verifysms_version();
}

exports.Client = Client;
exports.Answer = Answer;
exports.Sent = Sent;
exports.Checked = Checked;
exports.Delivery = Delivery;
exports.VerifySmsError = VerifySmsError;
exports.normalize = normalize;
exports.inspectMessage = inspectMessage;
exports.waitText = waitText;
exports.limitName = limitName;
exports.ruleName = ruleName;
exports.eventName = eventName;
exports.reasonText = reasonText;
exports.version = version;
