<?php

// The C library as a class. A wrong code is an answer; any other failure is
// thrown. Only this file calls C.

declare(strict_types=1);

namespace VerifySms;

final class VerifySmsException extends \RuntimeException implements \JsonSerializable
{
    /** getCode() is one of Client's codes. Repeat the call only if $reached is REACHED_NO. */
    public function __construct(
        string $message,
        int $code,
        public readonly int $reached = Client::REACHED_NO,
        public readonly int $reason = 0,
        /** Which rule an argument or a setting breaks, by Client::ruleName(); 0 if none. */
        public readonly int $rule = 0,
        /** What is known of the call beside; null if none was made. */
        public readonly ?Answer $answer = null,
    ) {
        parent::__construct($message, $code);
    }

    /** In how many seconds the call may be repeated, if the code is LIMITED. */
    public function retryAfter(): int
    {
        return $this->answer?->retryAfter ?? 0;
    }

    /** @return array<string, mixed> What a log in JSON shows: no number. */
    public function jsonSerialize(): array
    {
        $shown = ['message' => $this->getMessage(), 'code' => $this->getCode()];
        return $shown + ['reached' => $this->reached, 'reason' => $this->reason, 'rule' => $this->rule];
    }
}

/** What is known of a call. It is no verification: check() is. */
final class Answer
{
    public function __construct(
        /** The number in the service's form. */
        public readonly string $to,
        /** The service's number in a FAIL, 1 for an accepted message. */
        public readonly int $reason,
        /** Its number in the answer to a check. */
        public readonly int $status,
        public readonly int $httpStatus,
        /** The limit that makes the next such call wait, and for how many seconds; 0 if none does. */
        public readonly int $limit,
        public readonly int $retryAfter,
        /** How many wrong codes the end user may still try; -1 if nobody counts them. */
        public readonly int $triesLeft,
        /** Unix time in seconds. */
        public readonly int $timestamp,
        /** The id of the message. */
        public readonly string $unique,
        public readonly string $sender,
        public readonly string $message,
        /** Which rule an argument breaks, by Client::ruleName(); 0 if none. */
        public readonly int $rule,
        /** Sentences for the person who signs up, in Hebrew and in English. */
        public readonly string $userTextHe,
        public readonly string $userTextEn,
        /** What became of a message, a Client::DELIVERY_, and what to do, a Client::NEXT_: see delivery(). */
        public readonly int $deliveryState,
        public readonly int $deliveryNext,
        /** The provider's own code, words, date and operator. */
        public readonly int $deliveryCode,
        public readonly string $deliveryHebrew,
        public readonly string $deliveryEnglish,
        public readonly string $deliveryDate,
        public readonly string $deliveryOperator,
    ) {
    }

    /** @return array<string, mixed> What a dump shows: only the last digits of the number, as in the library's log. */
    public function __debugInfo(): array
    {
        return ['to' => '...' . substr($this->to, -3)] + get_object_vars($this);
    }
}

/** A phone number in the forms that services and databases want. */
final class Phone
{
    public function __construct(
        /** The service's form, 0501234567. */
        public readonly string $to,
        /** The international form, +972501234567. */
        public readonly string $e164,
        /** A hint, as numbers are ported: Client::PHONE_MOBILE and so on. */
        public readonly int $kind,
        /** 0, or which rule of Client::ruleName() the text breaks; then it is no number. */
        public readonly int $rule,
    ) {
    }

    /** @return array<string, mixed> What a dump shows: only the last digits. */
    public function __debugInfo(): array
    {
        return ['to' => '...' . substr($this->to, -3), 'rule' => $this->rule];
    }
}

/** What a message costs, and what is wrong with it. */
final class Inspection
{
    /** @param list<array{kind: int, position: int, text: string}> $warnings */
    public function __construct(
        /** A Client::ENCODING_. */
        public readonly int $encoding,
        /** In units of the encoding. */
        public readonly int $length,
        public readonly int $parts,
        /** Each a Client::WARNING_ with its place, -1 for the whole text, and one sentence. */
        public readonly array $warnings,
    ) {
    }
}

final class Client
{
    // Not to be compared with the result of check(): false == 0 is true in PHP.
    private const OK = 0;
    private const NOT_VERIFIED = 2;
    public const INVALID_ARGUMENT = 1;
    public const REJECTED = 3;
    public const CONNECT = 4;
    public const TLS = 5;
    public const TIMEOUT = 6;
    public const CONNECTION_LOST = 7;
    public const HTTP_STATUS = 8;
    public const BAD_REPLY = 9;
    public const CANCELLED = 10;
    public const INTERNAL = 11;
    public const LIMITED = 12;
    public const GUARD_DOWN = 13;
    public const REACHED_NO = 0;
    public const REACHED_YES = 1;
    public const REACHED_UNKNOWN = 2;
    public const TRUST_SYSTEM = 0;
    public const TRUST_BUNDLED = 1;
    public const LOG_INFO = 6;
    public const LOG_DEBUG = 7;
    public const LOG_WARNING = 4;
    public const EVENT_OTHER = 0;
    public const EVENT_SENT = 1;
    public const EVENT_CHECKED = 2;
    public const EVENT_VERIFIED = 3;
    public const EVENT_REFUSED = 4;
    public const EVENT_UNKNOWN = 5;
    public const EVENT_LIMITED = 6;
    public const EVENT_FAILED = 7;
    public const GUARD_LOCAL = 0;
    public const GUARD_REFUSE = 1;
    public const GUARD_ALLOW = 2;
    public const LIMIT_COOLDOWN = 1;
    public const LIMIT_SENDS_NUMBER = 2;
    public const LIMIT_SENDS_NUMBER_DAY = 3;
    public const LIMIT_SENDS_USER = 4;
    public const LIMIT_SENDS_RANGE = 5;
    public const LIMIT_SENDS_APP = 6;
    public const LIMIT_TRIES = 7;
    public const LIMIT_FAILURES_NUMBER = 8;
    public const LIMIT_FAILURES_USER = 9;
    public const PHONE_UNKNOWN = 0;
    public const PHONE_MOBILE = 1;
    public const PHONE_LANDLINE = 2;
    public const PHONE_VOIP = 3;
    public const PHONE_KOSHER = 4;
    public const ENCODING_GSM7 = 1;
    public const ENCODING_UCS2 = 2;
    public const WARNING_WITHOUT_CODE = 1;
    public const WARNING_SEVERAL_PARTS = 2;
    public const WARNING_COSTLY_CHARACTER = 3;
    public const WARNING_CODE_IN_RIGHT_TO_LEFT_LINE = 4;
    public const WARNING_DIRECTION_MARK = 5;
    public const WARNING_WEBOTP_MISSING = 6;
    public const WARNING_WEBOTP_NOT_LAST = 7;
    public const WARNING_WEBOTP_FORM = 8;
    public const WARNING_WEBOTP_HOST = 9;
    public const WARNING_WEBOTP_ORIGIN = 10;
    public const WARNING_RETRIEVER_LENGTH = 11;
    public const WARNING_LINK = 12;
    public const WARNING_OTHER_NUMBER = 13;
    public const WARNING_SENDER_INVALID = 14;
    public const WARNING_SENDER_CHARACTERS = 15;
    public const WARNING_SENDER_NUMBER = 16;
    public const DELIVERY_UNKNOWN = 0;
    public const DELIVERY_PENDING = 1;
    public const DELIVERY_DELIVERED = 2;
    public const DELIVERY_FAILED = 3;
    public const DELIVERY_BLOCKED = 4;
    public const DELIVERY_EXPIRED = 5;
    public const DELIVERY_CODE_NONE = -2147483647;
    public const NEXT_NONE = 0;
    public const NEXT_WAIT = 1;
    public const NEXT_RETRY_LATER = 2;
    public const NEXT_ANOTHER_NUMBER = 3;
    public const NEXT_OPTED_OUT = 4;
    public const NEXT_ABROAD = 5;
    public const NEXT_CONTACT_SUPPORT = 6;

    private const DECLARATIONS = <<<'C'
        typedef struct verifysms_config verifysms_config;
        typedef struct verifysms_client verifysms_client;
        typedef struct verifysms_request verifysms_request;
        typedef struct verifysms_result verifysms_result;
        typedef struct verifysms_message verifysms_message;
        typedef void (*verifysms_log_fn)(void *user_data, int level, const char *message);
        typedef void (*verifysms_event_fn)(void *user_data, int event, int code, int reached, int milliseconds, int attempt, int reused, int limit);
        typedef int (*verifysms_interrupt_fn)(void *user_data);
        verifysms_config *verifysms_config_new(const char *api_key);
        int verifysms_config_set_sender(verifysms_config *config, const char *sender);
        int verifysms_config_set_message(verifysms_config *config, const char *message);
        int verifysms_config_set_url(verifysms_config *config, const char *url);
        int verifysms_config_set_delivery_url(verifysms_config *config, const char *url);
        int verifysms_config_set_timeout_ms(verifysms_config *config, int ms);
        int verifysms_config_set_connect_timeout_ms(verifysms_config *config, int ms);
        int verifysms_config_set_proxy(verifysms_config *config, const char *url);
        int verifysms_config_set_ca_file(verifysms_config *config, const char *pem_path);
        int verifysms_config_set_trust(verifysms_config *config, int trust);
        int verifysms_config_set_allow_http(verifysms_config *config, int yes);
        int verifysms_config_set_log(verifysms_config *config, verifysms_log_fn log, void *user_data);
        int verifysms_config_set_event(verifysms_config *config, verifysms_event_fn event, void *user_data);
        int verifysms_config_set_interrupt(verifysms_config *config, verifysms_interrupt_fn interrupt, void *user_data);
        int verifysms_config_set_guard(verifysms_config *config, const char *store);
        int verifysms_config_set_limit(verifysms_config *config, int limit, int most, int seconds);
        int verifysms_config_set_guard_secret(verifysms_config *config, const char *secret);
        int verifysms_config_set_guard_namespace(verifysms_config *config, const char *name);
        int verifysms_config_set_guard_timeout_ms(verifysms_config *config, int ms);
        int verifysms_config_set_guard_failure(verifysms_config *config, int failure);
        int verifysms_config_rule(const verifysms_config *config);
        const char *verifysms_config_error(const verifysms_config *config);
        void verifysms_config_free(verifysms_config *config);
        verifysms_client *verifysms_client_new(verifysms_config *config);
        void verifysms_client_cancel(verifysms_client *client);
        void verifysms_client_free(verifysms_client *client);
        verifysms_result *verifysms_client_connect(verifysms_client *client);
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
        verifysms_result *verifysms_delivery(verifysms_client *client, const char *unique);
        verifysms_result *verifysms_forget(verifysms_client *client, const char *to);
        verifysms_result *verifysms_guard_show(verifysms_client *client, const char *to);
        int verifysms_result_code(const verifysms_result *result);
        int verifysms_result_reached(const verifysms_result *result);
        int verifysms_result_rule(const verifysms_result *result);
        int verifysms_result_reason(const verifysms_result *result);
        int verifysms_result_status(const verifysms_result *result);
        int verifysms_result_http_status(const verifysms_result *result);
        int verifysms_result_limit(const verifysms_result *result);
        int verifysms_result_retry_after(const verifysms_result *result);
        int verifysms_result_tries_left(const verifysms_result *result);
        int64_t verifysms_result_timestamp(const verifysms_result *result);
        const char *verifysms_result_unique(const verifysms_result *result);
        const char *verifysms_result_sender(const verifysms_result *result);
        const char *verifysms_result_to(const verifysms_result *result);
        const char *verifysms_result_message(const verifysms_result *result);
        int verifysms_result_delivery_state(const verifysms_result *result);
        int verifysms_result_delivery_next(const verifysms_result *result);
        int verifysms_result_delivery_code(const verifysms_result *result);
        const char *verifysms_result_delivery_hebrew(const verifysms_result *result);
        const char *verifysms_result_delivery_english(const verifysms_result *result);
        const char *verifysms_result_delivery_date(const verifysms_result *result);
        const char *verifysms_result_delivery_operator(const verifysms_result *result);
        const char *verifysms_result_user_text(const verifysms_result *result, const char *language);
        void verifysms_result_free(verifysms_result *result);
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
        const char *verifysms_event_name(int event);
        const char *verifysms_limit_name(int limit);
        const char *verifysms_rule_name(int rule);
        const char *verifysms_version(void);
        C;

    private static ?\FFI $c = null;
    /** Whether signals wait for an interrupt function, or for the end of the call. */
    private static bool $holdsSignals = false;
    private \FFI\CData $client;
    private ?Answer $answer = null;
    /** What ended a call in its interrupt function. */
    private ?\Throwable $thrown = null;
    /** @var list<\Closure> C calls them as long as the client lives. */
    private array $callbacks = [];

    /**
     * Null keeps the library's default.
     *
     * @param bool $noGuard        no limits on sends and tries
     * @param array<int, array{int, int}> $limits [Client::LIMIT_SENDS_NUMBER => [5, 600]]
     * @param ?\Closure $log       function (int $level, string $line): void, for each call and each attempt
     * @param ?\Closure $event     function (int $event, int $code, int $reached, int $milliseconds, int $attempt,
     *                             bool $reused, int $limit): void, at the end of each call; $event is an EVENT_
     * @param ?\Closure $interrupt function (): bool, asked while a call waits; true ends it as CANCELLED. An
     *                             exception ends it, too, and comes out of it; so does one of a signal handler.
     */
    public function __construct(
        #[\SensitiveParameter] string $apiKey,
        #[\SensitiveParameter] ?string $sender = null,
        #[\SensitiveParameter] ?string $message = null,
        #[\SensitiveParameter] ?string $url = null,
        ?int $timeoutMs = null,
        ?int $connectTimeoutMs = null,
        #[\SensitiveParameter] ?string $proxy = null,
        ?string $caFile = null,
        ?int $trust = null,
        ?bool $allowHttp = null,
        ?\Closure $log = null,
        ?\Closure $interrupt = null,
        #[\SensitiveParameter] ?string $guard = null,
        bool $noGuard = false,
        array $limits = [],
        #[\SensitiveParameter] ?string $guardSecret = null,
        ?string $guardNamespace = null,
        ?int $guardTimeoutMs = null,
        ?int $guardFailure = null,
        #[\SensitiveParameter] ?string $deliveryUrl = null,
        ?\Closure $event = null,
    ) {
        $settings = [
            'sender' => self::text($sender),
            'message' => self::text($message),
            'url' => self::text($url),
            'delivery_url' => self::text($deliveryUrl),
            'timeout_ms' => $timeoutMs,
            'connect_timeout_ms' => $connectTimeoutMs,
            'proxy' => self::text($proxy),
            'ca_file' => self::text($caFile),
            'trust' => $trust,
            'allow_http' => $allowHttp === null ? null : (int) $allowHttp,
            'guard' => self::text($guard),
            'guard_secret' => self::text($guardSecret),
            'guard_namespace' => self::text($guardNamespace),
            'guard_timeout_ms' => $guardTimeoutMs,
            'guard_failure' => $guardFailure,
            'log' => $log === null ? null : $this->callback(self::logging($log)),
            'event' => $event === null ? null : $this->callback(self::counting($event)),
            'interrupt' => $interrupt === null ? null : $this->callback(self::interrupting($interrupt, $this->thrown)),
        ];
        $c = self::c();
        $config = $c->verifysms_config_new(self::text($apiKey));
        foreach (array_filter($settings, fn ($value) => $value !== null) as $name => $value) {
            $c->{"verifysms_config_set_$name"}($config, $value, ...($value instanceof \Closure ? [null] : []));
        }
        foreach ($limits as $limit => [$most, $seconds]) {
            $c->verifysms_config_set_limit($config, $limit, $most, $seconds);
        }
        if ($noGuard) {
            $c->verifysms_config_set_guard($config, null);
        }
        $client = $c->verifysms_client_new($config);
        $refusal = $c->verifysms_config_error($config);
        $rule = $c->verifysms_config_rule($config);
        $c->verifysms_config_free($config);
        if ($client === null) {
            throw new VerifySmsException($refusal, self::INVALID_ARGUMENT, rule: $rule);
        }
        $this->client = $client;
    }

    public function __destruct()
    {
        if (isset($this->client)) {
            self::c()->verifysms_client_free($this->client);
        }
    }

    // Two copies would free one client twice.
    private function __clone()
    {
    }

    /**
     * Opens a connection ahead of the next call: when the page opens on which a person types a number.
     * Returns nothing.
     */
    public function connect(): void
    {
        $this->answer = null;
        $this->call(fn (\FFI $c) => $c->verifysms_client_connect($this->client));
        $this->answer = null;
    }

    /**
     * Sends a code to a phone number, if need be with another sender or message than the client's. $endUser is
     * who asks, whose sends the guard counts. The message gets a line for the $origin of a page, such as
     * example.co.il, and one for the $appHash of an Android app, which may fill the code in. Returns nothing: an
     * accepted message verifies nobody.
     */
    public function send(
        #[\SensitiveParameter] string $to,
        #[\SensitiveParameter] ?string $sender = null,
        #[\SensitiveParameter] ?string $message = null,
        #[\SensitiveParameter] ?string $endUser = null,
        ?int $timeoutMs = null,
        ?string $origin = null,
        ?string $appHash = null,
    ): void {
        $this->answer = null;
        $with = ['sender' => $sender, 'message' => $message, 'end_user' => $endUser];
        $with += ['origin' => $origin, 'app_hash' => $appHash];
        $request = $this->request($to, $with, $timeoutMs);
        $this->call(fn (\FFI $c) => $c->verifysms_send_request($this->client, $request), $request);
    }

    /** Whether the code is the one that was sent to the number. */
    #[\NoDiscard('a code that is not right is no exception')]
    public function check(
        #[\SensitiveParameter] string $to,
        #[\SensitiveParameter] string $typed,
        #[\SensitiveParameter] ?string $endUser = null,
        ?int $timeoutMs = null,
    ): bool {
        $this->answer = null;
        self::text($typed);
        $request = $this->request($to, ['end_user' => $endUser], $timeoutMs);
        $check = fn (\FFI $c) => $c->verifysms_check_request($this->client, $request, $typed);
        return $this->call($check, $request) === self::OK && $this->answer->status === 1;
    }

    /** Forgets what the guard knows of a number: for a call centre that unlocks a person. */
    public function forget(#[\SensitiveParameter] string $to): void
    {
        $this->answer = null;
        self::text($to);
        $this->call(fn (\FFI $c) => $c->verifysms_forget($this->client, $to));
        $this->answer = null;
    }

    /** How far the limits of a number are used, as a text. */
    public function guardShow(#[\SensitiveParameter] string $to): string
    {
        $this->answer = null;
        self::text($to);
        $this->call(fn (\FFI $c) => $c->verifysms_guard_show($this->client, $to));
        $shown = $this->answer->message;
        $this->answer = null;
        return $shown;
    }

    /**
     * Asks what became of a message, by the $unique of its send: answer() then has $deliveryState and the like.
     * Returns nothing: a delivered message verifies nobody.
     */
    public function delivery(string $unique): void
    {
        $this->answer = null;
        self::text($unique);
        $this->call(fn (\FFI $c) => $c->verifysms_delivery($this->client, $unique));
    }

    /**
     * What a call is about: a number, and what else was given.
     *
     * @param array<string, ?string> $with
     */
    private function request(
        #[\SensitiveParameter] string $to,
        #[\SensitiveParameter] array $with,
        ?int $timeoutMs,
    ): \FFI\CData {
        foreach ([$to, ...array_values($with)] as $text) {
            self::text($text);
        }
        $c = self::c();
        $request = $c->verifysms_request_new($to);
        foreach ($with as $name => $text) {
            $c->{"verifysms_request_set_$name"}($request, $text);
        }
        if ($timeoutMs !== null) {
            $c->verifysms_request_set_timeout_ms($request, $timeoutMs);
        }
        return $request;
    }

    /** Ends the calls of this client as CANCELLED: for the function of $log, $event or $interrupt. */
    public function cancel(): void
    {
        self::c()->verifysms_client_cancel($this->client);
    }

    /** The service's answer to the last call; null if that threw. */
    public function answer(): ?Answer
    {
        return $this->answer;
    }

    /** The name of an event, for example VERIFIED. */
    public static function eventName(int $event): string
    {
        return self::c()->verifysms_event_name($event);
    }

    /** The name of a limit, for example SENDS_NUMBER. */
    public static function limitName(int $limit): string
    {
        return self::c()->verifysms_limit_name($limit);
    }

    /** The name of a rule, for example PHONE_TOO_SHORT. */
    public static function ruleName(int $rule): string
    {
        return self::c()->verifysms_rule_name($rule);
    }

    /** The sentence that a new code can be asked for in so many seconds, in Hebrew for "he", otherwise in English. */
    public static function waitText(int $seconds, string $language): string
    {
        $buffer = self::c()->new('char[256]');
        self::c()->verifysms_wait_text($seconds, $language, $buffer, 256);
        return \FFI::string($buffer);
    }

    /** A phone number as people write it. */
    public static function phone(#[\SensitiveParameter] string $text): Phone
    {
        self::text($text);
        $c = self::c();
        [$to, $e164] = [$c->new('char[16]'), $c->new('char[16]')];
        $rule = $c->verifysms_phone_normalize($text, $to, 16);
        $c->verifysms_phone_e164($text, $e164, 16);
        return new Phone(\FFI::string($to), \FFI::string($e164), $c->verifysms_phone_kind($text), $rule);
    }

    /** Inspects a message with a code of so many digits, before it is sent. $origin is the host of a page. */
    public static function inspect(
        #[\SensitiveParameter] string $message,
        ?string $sender = null,
        ?string $origin = null,
        int $digits = 8,
    ): Inspection {
        $c = self::c();
        $found = $c->verifysms_message_inspect(self::text($message), self::text($sender), self::text($origin));
        if ($found === null) {
            throw new VerifySmsException('message: is no text', self::INVALID_ARGUMENT);
        }
        $warnings = [];
        for ($index = 0; $index < $c->verifysms_message_warning_count($found); $index++) {
            $warnings[] = [
                'kind' => $c->verifysms_message_warning($found, $index),
                'position' => $c->verifysms_message_warning_position($found, $index),
                'text' => $c->verifysms_message_warning_text($found, $index),
            ];
        }
        $inspection = new Inspection(
            $c->verifysms_message_encoding($found),
            $c->verifysms_message_length($found, $digits),
            $c->verifysms_message_parts($found, $digits),
            $warnings,
        );
        $c->verifysms_message_free($found);
        return $inspection;
    }

    /** The version of the loaded library. */
    public static function version(): string
    {
        return self::c()->verifysms_version();
    }

    /**
     * Makes a call, which may be about a request: its code if it has an answer, OK or NOT_VERIFIED. PHP ends a program
     * whose signal handler throws at the edge of a callback: handlers run before an interrupt function, or after all.
     */
    private function call(#[\SensitiveParameter] \Closure $made, ?\FFI\CData $request = null): int
    {
        $c = self::c();
        $holdsSignals = function_exists('pcntl_async_signals') && pcntl_async_signals(false);
        self::$holdsSignals = self::$holdsSignals || $holdsSignals;
        try {
            $result = $made($c);
            $c->verifysms_request_free($request);
            $thrown = $this->thrown;
            $this->thrown = null;
            return $this->read($result, $thrown);
        } finally {
            if ($holdsSignals) {
                self::$holdsSignals = false;
                pcntl_async_signals(true);
                pcntl_signal_dispatch();
            }
        }
    }

    /** Reads a result, or throws, and frees it. */
    private function read(\FFI\CData $result, ?\Throwable $thrown): int
    {
        $c = self::c();
        $code = $c->verifysms_result_code($result);
        $reached = $c->verifysms_result_reached($result);
        $answer = new Answer(
            to: $c->verifysms_result_to($result),
            reason: $c->verifysms_result_reason($result),
            status: $c->verifysms_result_status($result),
            httpStatus: $c->verifysms_result_http_status($result),
            limit: $c->verifysms_result_limit($result),
            retryAfter: $c->verifysms_result_retry_after($result),
            triesLeft: $c->verifysms_result_tries_left($result),
            timestamp: $c->verifysms_result_timestamp($result),
            unique: $c->verifysms_result_unique($result),
            sender: $c->verifysms_result_sender($result),
            message: $c->verifysms_result_message($result),
            rule: $c->verifysms_result_rule($result),
            userTextHe: $c->verifysms_result_user_text($result, 'he'),
            userTextEn: $c->verifysms_result_user_text($result, 'en'),
            deliveryState: $c->verifysms_result_delivery_state($result),
            deliveryNext: $c->verifysms_result_delivery_next($result),
            deliveryCode: $c->verifysms_result_delivery_code($result),
            deliveryHebrew: $c->verifysms_result_delivery_hebrew($result),
            deliveryEnglish: $c->verifysms_result_delivery_english($result),
            deliveryDate: $c->verifysms_result_delivery_date($result),
            deliveryOperator: $c->verifysms_result_delivery_operator($result),
        );
        $c->verifysms_result_free($result);
        if ($thrown !== null) {
            throw $thrown;
        }
        if ($code !== self::OK && $code !== self::NOT_VERIFIED) {
            throw new VerifySmsException($answer->message, $code, $reached, $answer->reason, $answer->rule, $answer);
        }
        $this->answer = $answer;
        return $code;
    }

    private function callback(\Closure $function): \Closure
    {
        return $this->callbacks[] = $function;
    }

    /** As C calls it: PHP ends a program whose callback throws. */
    private static function logging(\Closure $log): \Closure
    {
        return static function ($data, int $level, $line) use ($log): void {
            try {
                $log($level, is_string($line) ? $line : \FFI::string($line));
            } catch (\Throwable) {
                // The call goes on. A trace of the exception would show the call's arguments.
            }
        };
    }

    private static function counting(\Closure $event): \Closure
    {
        return static function (
            $data,
            int $kind,
            int $code,
            int $reached,
            int $milliseconds,
            int $attempt,
            int $reused,
            int $limit,
        ) use ($event): void {
            try {
                $event($kind, $code, $reached, $milliseconds, $attempt, $reused !== 0, $limit);
            } catch (\Throwable) {
                // As above.
            }
        };
    }

    private static function interrupting(\Closure $interrupt, ?\Throwable &$thrown): \Closure
    {
        return static function ($data) use ($interrupt, &$thrown): int {
            try {
                if (self::$holdsSignals) {
                    pcntl_signal_dispatch();
                }
                return (int) (bool) $interrupt();
            } catch (\Throwable $ends) {
                $thrown = $ends;
                return 1;
            }
        };
    }

    /** C ends a text at a NUL, and would send another text than the caller gave. */
    private static function text(#[\SensitiveParameter] ?string $text): ?string
    {
        if ($text !== null && str_contains($text, "\0")) {
            throw new VerifySmsException('a text has a NUL in it', self::INVALID_ARGUMENT);
        }
        return $text;
    }

    private static function c(): \FFI
    {
        if (self::$c === null) {
            $library = getenv('VERIFYSMS_LIBRARY') ?: 'libverifysms.so.1';
            try {
                self::$c = \FFI::cdef(self::DECLARATIONS, $library);
            } catch (\FFI\Exception $failure) {
                throw new \RuntimeException("cannot load $library: install verifysms, or name the file in"
                    . ' VERIFYSMS_LIBRARY; bindings/README.md, "The library is not found"', 0, $failure);
            }
        }
        return self::$c;
    }
}
