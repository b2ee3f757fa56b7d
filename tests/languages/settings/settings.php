<?php

// Gives the library what is in SET_..., makes the call ASK with what is in SEND_..., and prints what is known.

declare(strict_types=1);

use VerifySms\Client;
use VerifySms\Phone;
use VerifySms\VerifySmsException;

if (!class_exists(Client::class)) {
    require 'VerifySms.php';
}

function text(string $name): ?string
{
    $value = getenv($name);
    return $value === false ? null : $value;
}

function number(string $name): ?int
{
    return text($name) === null ? null : (int) text($name);
}

function phone(Phone $phone): int
{
    echo "to=$phone->to\ne164=$phone->e164\nkind=$phone->kind\nrule=$phone->rule\n";
    echo 'rule_name=', Client::ruleName($phone->rule), "\n";
    return 0;
}

if (getenv('ASK') === 'inspect') {
    $found = Client::inspect(getenv('SEND_MESSAGE'), text('SEND_SENDER'), digits: 6);
    echo "encoding=$found->encoding\nlength=$found->length\nparts=$found->parts\n";
    foreach ($found->warnings as $warning) {
        echo 'warning=', implode(' ', $warning), "\n";
    }
    exit(0);
}
$client = null;
$interrupt = function () use (&$client): bool {
    if (text('SET_CANCEL') !== null) {
        $client->cancel();
    }
    return text('SET_INTERRUPT') !== null;
};
$limit = explode(' ', text('SET_LIMIT') ?? '');
[$code, $reached, $known, $message] = [0, 1, null, ''];
try {
    $client = new Client(
        text('VERIFYSMS_API_KEY'),
        sender: text('SET_SENDER'),
        message: text('SET_MESSAGE'),
        url: text('SET_URL'),
        timeoutMs: number('SET_TIMEOUT_MS'),
        connectTimeoutMs: number('SET_CONNECT_TIMEOUT_MS'),
        proxy: text('SET_NO_PROXY') === null ? text('SET_PROXY') : '',
        caFile: text('SET_CA_FILE'),
        trust: number('SET_TRUST'),
        allowHttp: text('SET_ALLOW_HTTP') !== null,
        log: text('SET_LOG') === null ? null : function (int $level, string $line): void {
            echo "log $level $line\n";
        },
        interrupt: (text('SET_INTERRUPT') ?? text('SET_CANCEL')) === null ? null : $interrupt,
        guard: text('SET_GUARD'),
        noGuard: text('SET_NO_GUARD') !== null,
        limits: text('SET_LIMIT') === null ? [] : [(int) $limit[0] => [(int) $limit[1], (int) $limit[2]]],
        guardSecret: text('SET_GUARD_SECRET'),
        guardNamespace: text('SET_GUARD_NAMESPACE'),
        guardTimeoutMs: number('SET_GUARD_TIMEOUT_MS'),
        guardFailure: number('SET_GUARD_FAILURE'),
        deliveryUrl: text('SET_DELIVERY_URL'),
        event: text('SET_EVENT') === null ? null : function (int $event, int|bool ...$numbers): void {
            echo 'event ', Client::eventName($event), ' ', implode(' ', array_map(intval(...), $numbers)), "\n";
        },
    );
    $to = getenv('NUMBER');
    $lines = ['origin' => text('SEND_ORIGIN'), 'appHash' => text('SEND_APP_HASH')];
    $with = ['endUser' => text('SEND_END_USER'), 'timeoutMs' => number('SEND_TIMEOUT_MS')];
    $code = match (getenv('ASK')) {
        'check' => $client->check($to, getenv('SEND_CODE'), ...$with) ? 0 : 2,
        'show' => ($message = $client->guardShow($to)) === '' ? 2 : 0,
        'delivery' => $client->delivery(getenv('SEND_UNIQUE')) ?? 0,
        'phone' => phone(Client::phone($to)),
        'forget' => $client->forget($to) ?? 0,
        default => $client->send($to, text('SEND_SENDER'), text('SEND_MESSAGE'), ...$with, ...$lines) ?? 0,
    };
    $known = $client->answer();
} catch (VerifySmsException $failure) {
    echo "rule=$failure->rule\nrule_name=", Client::ruleName($failure->rule), "\n";
    [$code, $reached, $known, $message] = [$failure->getCode(), $failure->reached, $failure->answer, $failure->getMessage()];
}
echo "code=$code\nreached=$reached\nmessage=", $known?->message ?? $message, "\n";
if ($known !== null) {
    echo "reason=$known->reason\nstatus=$known->status\nhttp_status=$known->httpStatus\ntimestamp=$known->timestamp\n";
    echo "unique=$known->unique\nsender=$known->sender\nto=$known->to\n";
    echo "limit=$known->limit\nretry_after=$known->retryAfter\ntries_left=$known->triesLeft\n";
    echo "user_text_he=$known->userTextHe\nuser_text_en=$known->userTextEn\n";
    echo "delivery_state=$known->deliveryState\ndelivery_next=$known->deliveryNext\ndelivery_code=$known->deliveryCode\n";
    echo "delivery_hebrew=$known->deliveryHebrew\ndelivery_english=$known->deliveryEnglish\n";
    echo "delivery_date=$known->deliveryDate\ndelivery_operator=$known->deliveryOperator\n";
    foreach (['he', 'en'] as $language) {
        echo "wait_text_$language=", Client::waitText($known->retryAfter, $language), "\n";
    }
    echo 'limit_name=', Client::limitName($known->limit), "\n";
}
