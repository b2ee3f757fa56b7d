<?php

// How a program ends or goes on when a function of it, or a signal handler in one, leaves in the way HOW.

declare(strict_types=1);

require 'VerifySms.php';

use VerifySms\Client;

function client(mixed ...$settings): Client
{
    $settings += ['sender' => 'Acme', 'url' => getenv('VERIFYSMS_URL'), 'noGuard' => true];
    return new Client(getenv('VERIFYSMS_API_KEY'), ...$settings);
}

/** How a check ended: with an answer, or what it threw. */
function checked(Client $client): string
{
    try {
        return $client->check('0501234567', '000000') ? 'verified' : 'not verified';
    } catch (Throwable $thrown) {
        return $thrown->getMessage();
    }
}

$begun = microtime(true);
$isStopped = false;
pcntl_async_signals(true);
pcntl_signal(SIGALRM, fn () => throw new Exception('too late'));
pcntl_alarm(1);
$ways = [
    'throw of a handler in log' => fn () => checked(client(timeoutMs: 1500, log: fn () => null)),
    'throw of a handler in event' => fn () => checked(client(timeoutMs: 1500, event: fn () => null)),
    'throw of a handler in interrupt' => fn () => checked(client(interrupt: fn () => false)),
    'throw of interrupt' => function () {
        $client = client(interrupt: fn () => throw new Exception('enough'), timeoutMs: 500);
        return checked($client) . "\n" . checked($client);
    },
    'throw of log' => fn () => checked(client(log: fn () => throw new Exception('the disk is full'))),
    'a flag' => function () use (&$isStopped) {
        pcntl_signal(SIGALRM, function () use (&$isStopped) {
            $isStopped = true;
        });
        return checked(client(interrupt: function () use (&$isStopped) {
            return $isStopped;
        }));
    },
    'signals that the program dispatches' => function () {
        pcntl_async_signals(false);
        return checked(client(interrupt: fn () => false, timeoutMs: 1500)) . "\n" . (int) pcntl_async_signals();
    },
];
echo $ways[$argv[1]](), "\n";
echo microtime(true) - $begun < 10 ? 'over' : 'waited', "\n";
