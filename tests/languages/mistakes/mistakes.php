<?php

// What people write by mistake in PHP, with a wrong code; and what a developer's page would show of it.

declare(strict_types=1);

use VerifySms\Client;
use VerifySms\VerifySmsException;

if (!class_exists(Client::class)) {
    require 'VerifySms.php';
}

function attempt(string $mistake, callable $try): void
{
    $in = false;
    try {
        $in = (bool) $try();
    } catch (Throwable $thrown) {
        // The closures of this file hold what they need.
        $frames = array_filter($thrown->getTrace(), fn ($frame) => $frame['function'] !== 'attempt');
        echo $thrown, "\n", print_r($frames, true), json_encode($thrown), "\n";
    }
    echo $in ? 'in' : 'out', ": $mistake\n";
}

$key = getenv('VERIFYSMS_API_KEY');
$url = getenv('VERIFYSMS_URL');
$number = getenv('NUMBER');
// More wrong codes than the guard allows.
$client = new Client($key, sender: 'Acme', url: $url, noGuard: true);
$connected = $client->connect();
$ok = $client->send($number);
$unique = $client->answer()->unique;
echo "code for 0501234567?\n";
$right = trim(fgets(STDIN));
$wrong = strtr($right, '0123456789', '9876543210');
$nowhere = new Client($key, sender: 'Acme', url: 'http://127.0.0.1:1/');

attempt('the answer', fn () => $client->check($number, $wrong));
attempt('the answer compared with OK', fn () => $client->check($number, $wrong) == Client::OK);
attempt('the answer compared with NOT_VERIFIED', fn () => $client->check($number, $wrong) != Client::NOT_VERIFIED);
attempt('the answer among the codes', function () use ($client, $number, $wrong) {
    switch ($client->check($number, $wrong)) {
        case Client::OK:
            return true;
    }
});
attempt('a method of the answer', fn () => $client->check($number, $wrong)->isVerified());
attempt('the status', function () use ($client, $number, $wrong) {
    $client->check($number, $wrong);
    return $client->answer()->status === 1;
});
attempt('no answer', fn () => $nowhere->check($number, $right));
attempt('what a connect answered', fn () => $connected);
attempt('what was said after a connect', function () use ($client) {
    $client->connect();
    return $client->answer();
});
attempt('what a forget answered', fn () => $nowhere->forget($number));
attempt('what a send answered', fn () => $ok);
attempt('what a delivery answered', fn () => $client->delivery($unique));
attempt('what a send answered, and a check that throws', function () use ($ok, $client, $number) {
    try {
        $ok = $client->check($number, "1\0");
    } catch (VerifySmsException) {
    }
    return $ok;
});

// Exceptions of every kind: their traces may show no argument.
attempt('a key with a NUL', fn () => new Client("$key\0") && false);
attempt('a sender with a NUL', fn () => new Client($key, sender: "\0") && false);
attempt('a sender that is too long', fn () => new Client($key, sender: 'far too long a sender') && false);
attempt('a sender that is no text', fn () => new Client($key, sender: [$key]) && false);
attempt('a key that is no text', fn () => new Client([$key]) && false);
attempt('a number with a NUL', fn () => $client->send("$number\0"));
attempt('a number that is none', fn () => $client->send("$number$number"));
attempt('a code with a NUL', fn () => $client->check($number, "$right\0"));
attempt('a code that is too long', fn () => $client->check($number, "$right$right$right"));
attempt('a code that is no text', fn () => $client->check($number, [$right]));
attempt('a copy of the client', fn () => clone $client && false);

$verified = $client->check($number, $right);
var_dump($client);
print_r($client->answer());
attempt('what was said of somebody else', function () use ($client, $number) {
    try {
        return $client->check($number, "1\0");
    } catch (VerifySmsException) {
        return $client->answer();
    }
});
attempt('the right code', fn () => $verified);
