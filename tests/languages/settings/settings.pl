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
    qw(sender message url timeout_ms connect_timeout_ms proxy ca_file trust allow_http);
$settings{proxy} = '' if $ENV{SET_NO_PROXY};
$settings{log} = $functions{log} if $ENV{SET_LOG};
$settings{interrupt} = $functions{interrupt} if $ENV{SET_INTERRUPT} || $ENV{SET_CANCEL};

my $answer = eval {
    $client = VerifySMS->new(api_key => $ENV{VERIFYSMS_API_KEY}, %settings);
    $client->send($ENV{NUMBER}, sender => $ENV{SEND_SENDER}, message => $ENV{SEND_MESSAGE});
};
my $error = $@;
die $error if $error && !ref $error;
printf "code=%d\nreached=%d\n", $error ? ($error->code, $error->reached) : (0, 1);
my $known = $error || $answer;
print "$_=", $known->$_, "\n" for qw(reason status http_status timestamp unique sender to message);
