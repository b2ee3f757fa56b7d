# Gives the library what is in SET_..., makes the call ASK with what is in SEND_..., and prints what is known.
use strict;
use warnings;
use VerifySMS 1.0;
use Encode 'decode';

$| = 1;
binmode STDOUT, ':encoding(UTF-8)';
my $client;
my %functions = (
    log       => sub { print "log @_\n" },
    event     => sub { print join(' ', 'event', VerifySMS::event_name(shift), @_), "\n" },
    interrupt => sub { $client->cancel if $ENV{SET_CANCEL}; return $ENV{SET_INTERRUPT} },
);
my %settings = map { $_ => $ENV{"SET_\U$_"} }
    qw(sender message url delivery_url timeout_ms connect_timeout_ms proxy ca_file trust allow_http
    guard guard_secret guard_namespace guard_timeout_ms guard_failure);
my ($limit, @allowed) = split ' ', $ENV{SET_LIMIT} // '';
$settings{limits} = { $limit => \@allowed } if defined $limit;
$settings{no_guard} = $ENV{SET_NO_GUARD};
$settings{proxy} = '' if $ENV{SET_NO_PROXY};
$settings{log} = $functions{log} if $ENV{SET_LOG};
$settings{event} = $functions{event} if $ENV{SET_EVENT};
$settings{interrupt} = $functions{interrupt} if $ENV{SET_INTERRUPT} || $ENV{SET_CANCEL};

if ($ENV{ASK} eq 'inspect') {
    my $found = VerifySMS::inspect(decode('UTF-8', $ENV{SEND_MESSAGE}), sender => $ENV{SEND_SENDER}, digits => 6);
    print "$_=$found->{$_}\n" for qw(encoding length parts);
    print "warning=$_->{kind} $_->{position} $_->{text}\n" for @{ $found->{warnings} };
    exit;
}
my $answer = eval {
    $client = VerifySMS->new(api_key => $ENV{VERIFYSMS_API_KEY}, %settings);
    my $number = $ENV{NUMBER};
    my %with = map { $_ => $ENV{"SEND_\U$_"} } qw(end_user sender message origin app_hash timeout_ms);
    $ENV{ASK} eq 'check' ? $client->check($number, $ENV{SEND_CODE}, %with)
        : $ENV{ASK} eq 'show' ? print 'message=', $client->guard_show($number), "\n"
        : $ENV{ASK} eq 'forget' ? $client->forget($number)
        : $ENV{ASK} eq 'delivery' ? $client->delivery($ENV{SEND_UNIQUE})
        : $ENV{ASK} eq 'phone' ? VerifySMS::phone($number)
        : $client->send($number, %with);
};
my $error = $@;
die $error if $error && !ref $error;
my $is_wrong = ref $answer eq 'VerifySMS::Checked' && !$answer;
printf "code=%d\nreached=%d\n", $error ? ($error->code, $error->reached) : ($is_wrong ? 2 : 0, 1);
my $known = $error || $answer;
exit unless ref $known;
if (ref $known eq 'HASH') {
    print "$_=$known->{$_}\n" for sort keys %$known;
    print 'rule_name=', VerifySMS::rule_name($known->{rule}), "\n";
    exit;
}
print "$_=", $known->$_, "\n"
    for qw(rule reason status http_status timestamp unique sender to message limit retry_after tries_left),
    qw(user_text_he user_text_en),
    map { "delivery_$_" } qw(state next code hebrew english date operator);
print "wait_text_$_=", VerifySMS::wait_text($known->retry_after, $_), "\n" for qw(he en);
print 'rule_name=', VerifySMS::rule_name($known->rule), "\n";
print 'limit_name=', VerifySMS::limit_name($known->limit), "\n";
