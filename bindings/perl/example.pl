#!/usr/bin/env perl
# example.pl send NUMBER sends a code, example.pl check NUMBER CODE checks it, example.pl connect only
# opens a connection. The exit status is the library's code: 0 only if connected, sent, or verified.
# Reads VERIFYSMS_API_KEY, _SENDER, _URL and _GUARD: file:/path keeps the counts from one run to the next.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use VerifySMS qw(VERIFYSMS_LIMITED VERIFYSMS_REACHED_UNKNOWN);

my ($asked, $number, $typed) = (@ARGV, '', '', '');
printf "verifysms %s\n", VerifySMS::version();

my $status = eval {
    my $client = VerifySMS->new(
        api_key => $ENV{VERIFYSMS_API_KEY},
        sender  => $ENV{VERIFYSMS_SENDER},
        url     => $ENV{VERIFYSMS_URL},
        guard   => $ENV{VERIFYSMS_GUARD},
    );
    my ($answer, $code) = (undef, 0);
    if ($asked eq 'connect') {
        $client->connect;
        print "code 0, reached 0: connected\n";
        return 0;
    }
    if ($asked eq 'check') {
        $answer = $client->check($number, $typed);
        $code = $answer ? 0 : 2;
        print $answer ? "the number is theirs\n" : "let the person type again\n";
    } elsif ($asked eq 'send') {
        $answer = $client->send($number);
        printf "message %s at %s\n", $answer->unique, scalar localtime $answer->timestamp;
    } else {
        VerifySMS::Error->throw(code => 1, message => 'send NUMBER, check NUMBER CODE, or connect');
    }
    printf "code %d, reached 1, number %s: %s\n", $code, $answer->to, $answer->message;
    $code;
};
if (my $error = $@) {
    die $error unless ref $error && $error->isa('VerifySMS::Error');
    printf STDERR "code %d, reached %d: %s\n", $error->code, $error->reached, $error;
    printf STDERR "wait %d s\n", $error->retry_after if $error->code == VERIFYSMS_LIMITED;
    print STDERR "it may have arrived: do not repeat it\n" if $error->reached == VERIFYSMS_REACHED_UNKNOWN;
    $status = $error->code;
}
exit $status;
