<?php

// The C library as a class. A wrong code is an answer; any other failure is
// thrown. Only this file calls C.

declare(strict_types=1);

final class VerifySmsException extends RuntimeException
{
    /** getCode() is one of VerifySms's codes. Repeat the call only if $reached is REACHED_NO. */
    public function __construct(
        string $message,
        int $code,
        public readonly int $reached = VerifySms::REACHED_NO,
        public readonly int $reason = 0,
    ) {
        parent::__construct($message, $code);
    }
}

/** The service's answer about a message or a code. It is no verification: check() is. */
final class VerifySmsAnswer
{
    public function __construct(
        public readonly string $to,
        public readonly int $status,
        public readonly int $timestamp,
        public readonly string $unique,
        public readonly string $message,
    ) {
    }

    /** @return array<string, mixed> What a dump shows: only the last digits of the number, as in the library's log. */
    public function __debugInfo(): array
    {
        return ['to' => '...' . substr($this->to, -3)] + get_object_vars($this);
    }
}

final class VerifySms
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
    public const REACHED_NO = 0;
    public const REACHED_YES = 1;
    public const REACHED_UNKNOWN = 2;

    private const DECLARATIONS = <<<'C'
        typedef struct verifysms_config verifysms_config;
        typedef struct verifysms_client verifysms_client;
        typedef struct verifysms_result verifysms_result;
        verifysms_config *verifysms_config_new(const char *api_key);
        int verifysms_config_set_sender(verifysms_config *config, const char *sender);
        int verifysms_config_set_message(verifysms_config *config, const char *message);
        int verifysms_config_set_url(verifysms_config *config, const char *url);
        int verifysms_config_set_timeout_ms(verifysms_config *config, int ms);
        const char *verifysms_config_error(const verifysms_config *config);
        void verifysms_config_free(verifysms_config *config);
        verifysms_client *verifysms_client_new(verifysms_config *config);
        void verifysms_client_free(verifysms_client *client);
        verifysms_result *verifysms_client_connect(verifysms_client *client);
        verifysms_result *verifysms_send(verifysms_client *client, const char *to);
        verifysms_result *verifysms_check(verifysms_client *client, const char *to, const char *code);
        int verifysms_result_code(const verifysms_result *result);
        int verifysms_result_reached(const verifysms_result *result);
        int verifysms_result_reason(const verifysms_result *result);
        int verifysms_result_status(const verifysms_result *result);
        int64_t verifysms_result_timestamp(const verifysms_result *result);
        const char *verifysms_result_to(const verifysms_result *result);
        const char *verifysms_result_unique(const verifysms_result *result);
        const char *verifysms_result_message(const verifysms_result *result);
        void verifysms_result_free(verifysms_result *result);
        const char *verifysms_version(void);
        C;

    private static ?FFI $c = null;
    private FFI\CData $client;
    private ?VerifySmsAnswer $answer = null;

    public function __construct(
        #[SensitiveParameter] string $apiKey,
        #[SensitiveParameter] ?string $sender = null,
        #[SensitiveParameter] ?string $message = null,
        #[SensitiveParameter] ?string $url = null,
        ?int $timeoutMs = null,
    ) {
        $c = self::c();
        foreach ([$apiKey, $sender, $message, $url] as $text) {
            self::text($text);
        }
        $config = $c->verifysms_config_new($apiKey);
        $c->verifysms_config_set_sender($config, $sender);
        $c->verifysms_config_set_message($config, $message);
        $c->verifysms_config_set_url($config, $url);
        if ($timeoutMs !== null) {
            $c->verifysms_config_set_timeout_ms($config, $timeoutMs);
        }
        $client = $c->verifysms_client_new($config);
        $refusal = $c->verifysms_config_error($config);
        $c->verifysms_config_free($config);
        if ($client === null) {
            throw new VerifySmsException($refusal, self::INVALID_ARGUMENT);
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
        $this->read(self::c()->verifysms_client_connect($this->client));
        $this->answer = null;
    }

    /** Sends a code to a phone number. Returns nothing: an accepted message verifies nobody. */
    public function send(#[SensitiveParameter] string $to): void
    {
        $this->answer = null;
        $this->read(self::c()->verifysms_send($this->client, self::text($to)));
    }

    /** Whether the code is the one that was sent to the number. */
    #[NoDiscard('a code that is not right is no exception')]
    public function check(#[SensitiveParameter] string $to, #[SensitiveParameter] string $typed): bool
    {
        $this->answer = null;
        $result = self::c()->verifysms_check($this->client, self::text($to), self::text($typed));
        return $this->read($result) === self::OK && $this->answer->status === 1;
    }

    /** The service's answer to the last call; null if that threw. */
    public function answer(): ?VerifySmsAnswer
    {
        return $this->answer;
    }

    /** The version of the loaded library. */
    public static function version(): string
    {
        return self::c()->verifysms_version();
    }

    /** The code of a call that has an answer: OK or NOT_VERIFIED. */
    private function read(FFI\CData $result): int
    {
        $c = self::c();
        $code = $c->verifysms_result_code($result);
        $reached = $c->verifysms_result_reached($result);
        $reason = $c->verifysms_result_reason($result);
        $answer = new VerifySmsAnswer(
            $c->verifysms_result_to($result),
            $c->verifysms_result_status($result),
            $c->verifysms_result_timestamp($result),
            $c->verifysms_result_unique($result),
            $c->verifysms_result_message($result),
        );
        $c->verifysms_result_free($result);
        if ($code !== self::OK && $code !== self::NOT_VERIFIED) {
            throw new VerifySmsException($answer->message, $code, $reached, $reason);
        }
        $this->answer = $answer;
        return $code;
    }

    /** C ends a text at a NUL, and would send another text than the caller gave. */
    private static function text(#[SensitiveParameter] ?string $text): ?string
    {
        if ($text !== null && str_contains($text, "\0")) {
            throw new VerifySmsException('a text has a NUL in it', self::INVALID_ARGUMENT);
        }
        return $text;
    }

    private static function c(): FFI
    {
        return self::$c ??= FFI::cdef(self::DECLARATIONS, getenv('VERIFYSMS_LIBRARY') ?: 'libverifysms.so.1');
    }
}
