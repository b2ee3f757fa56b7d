# Gives the library what is in SET_..., sends with what is in SEND_..., and prints all that is known of the call.
use strict;
use warnings;
use VerifySMS 1.0;

$| = 1;
my $client;
my %functions = (
    log       => sub { print "log @_\n" },
    interrupt => sub { $client->cancel if $ENV{SET_CANCEL}; return $ENV{SET_INTERRUPT} },
);
my %settings = map { $_ => $ENV{"SET_\U$_"} }
    qw(sender message url timeout_ms connect_timeout_ms proxy ca_file trust allow_http guard guard_secret
    guard_namespace guard_timeout_ms guard_failure);
$settings{no_guard} = $ENV{SET_NO_GUARD};
$settings{limits} = { VerifySMS::VERIFYSMS_LIMIT_SENDS_USER() => [$ENV{SET_LIMIT}, 600] } if $ENV{SET_LIMIT};
$settings{proxy} = '' if $ENV{SET_NO_PROXY};
$settings{log} = $functions{log} if $ENV{SET_LOG};
$settings{interrupt} = $functions{interrupt} if $ENV{SET_INTERRUPT} || $ENV{SET_CANCEL};

my $answer = eval {
    $client = VerifySMS->new(api_key => $ENV{VERIFYSMS_API_KEY}, %settings);
    print 'guard ', $client->guard_show($ENV{NUMBER}), "\n" unless $ENV{SET_NO_GUARD};
    $client->forget($ENV{NUMBER}) unless $ENV{SET_NO_GUARD};
    $client->send($ENV{NUMBER}, sender => $ENV{SEND_SENDER}, message => $ENV{SEND_MESSAGE}, end_user => $ENV{SEND_END_USER});
};
my $error = $@;
die $error if $error && !ref $error;
printf "code=%d\nreached=%d\n", $error ? ($error->code, $error->reached) : (0, 1);
my $known = $error || $answer;
print "$_=", $known->$_, "\n" for qw(reason status http_status limit retry_after tries_left timestamp unique sender to message);
