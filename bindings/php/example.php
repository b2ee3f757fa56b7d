<?php

// example.php NUMBER has a code texted, example.php NUMBER CODE checks it. The exit status is the
// library's code: 0 only if sent, or verified. Reads VERIFYSMS_API_KEY, _SENDER and _URL.

declare(strict_types=1);

// It is there already if it was preloaded.
if (!class_exists('VerifySms')) {
    require __DIR__ . '/VerifySms.php';
}

$number = $argv[1] ?? '';
$typed = $argv[2] ?? null;
printf("verifysms %s\n", VerifySms::version());
try {
    $client = new VerifySms(
        getenv('VERIFYSMS_API_KEY') ?: '',
        sender: getenv('VERIFYSMS_SENDER') ?: null,
        url: getenv('VERIFYSMS_URL') ?: null,
    );
    $answer = $typed === null ? $client->send($number) : $client->check($number, $typed);
    printf("code %d, reached %d: %s\n", $answer->code, $answer->reached, $answer->message);
    if ($typed === null) {
        printf("message %s at %s\n", $answer->unique, date(DATE_ATOM, $answer->timestamp));
    } else {
        echo $answer->isVerified() ? "the number is theirs\n" : "let the person type again\n";
    }
    exit($answer->code);
} catch (VerifySmsException $refused) {
    printf("code %d, reached %d: %s\n", $refused->getCode(), $refused->reached, $refused->getMessage());
    if ($refused->reached === VerifySms::REACHED_UNKNOWN) {
        echo "it may have arrived: do not repeat it\n";
    }
    exit($refused->getCode());
}
