<?php

// example.php send NUMBER sends a code, example.php check NUMBER CODE checks it, example.php connect
// only opens a connection. The exit status is the library's code: 0 only if connected, sent, or verified.
// Reads VERIFYSMS_API_KEY, _SENDER, _URL and _GUARD: file:/path keeps the counts from one run to the next.

declare(strict_types=1);

use VerifySms\Client;
use VerifySms\VerifySmsException;

// It is there already if it was preloaded. PHP looks in its include_path, then beside this file.
if (!class_exists(Client::class)) {
    require 'VerifySms.php';
}

[, $asked, $number, $typed] = $argv + ['', '', '', ''];
printf("verifysms %s\n", Client::version());
try {
    $client = new Client(
        getenv('VERIFYSMS_API_KEY') ?: '',
        sender: getenv('VERIFYSMS_SENDER') ?: null,
        url: getenv('VERIFYSMS_URL') ?: null,
        guard: getenv('VERIFYSMS_GUARD') ?: null,
    );
    if ($asked === 'connect') {
        $client->connect();
        echo "code 0, reached 0: connected\n";
        exit(0);
    }
    if ($asked === 'check') {
        $verified = $client->check($number, $typed);
        echo $verified ? "the number is theirs\n" : "let the person type again\n";
        $status = $verified ? 0 : 2;
    } elseif ($asked === 'send') {
        $client->send($number);
        printf("message %s at %s\n", $client->answer()->unique, date(DATE_ATOM, $client->answer()->timestamp));
        $status = 0;
    } else {
        throw new VerifySmsException('send NUMBER, check NUMBER CODE, or connect', Client::INVALID_ARGUMENT);
    }
    $answer = $client->answer();
    printf("code %d, reached 1, number %s: %s\n", $status, $answer->to, $answer->message);
    exit($status);
} catch (VerifySmsException $refused) {
    printf("code %d, reached %d: %s\n", $refused->getCode(), $refused->reached, $refused->getMessage());
    if ($refused->getCode() === Client::LIMITED) {
        printf("wait %d s\n", $refused->retryAfter());
    }
    if ($refused->reached === Client::REACHED_UNKNOWN) {
        echo "it may have arrived: do not repeat it\n";
    }
    exit($refused->getCode());
}
