# The C library as a class. A wrong code is an answer; any other failure is
# thrown as a VerifySMS::Error, which reads as its message. A wrong use of the class croaks. Only this
# file calls C.
package VerifySMS;

use strict;
use warnings;
use utf8;
use Carp 'croak';
use Exporter 'import';
use FFI::Platypus 1.00;

use constant {
    VERIFYSMS_OK               => 0,
    VERIFYSMS_INVALID_ARGUMENT => 1,
    VERIFYSMS_NOT_VERIFIED     => 2,
    VERIFYSMS_REJECTED         => 3,
    VERIFYSMS_CONNECT          => 4,
    VERIFYSMS_TLS              => 5,
    VERIFYSMS_TIMEOUT          => 6,
    VERIFYSMS_CONNECTION_LOST  => 7,
    VERIFYSMS_HTTP_STATUS      => 8,
    VERIFYSMS_BAD_REPLY        => 9,
    VERIFYSMS_CANCELLED        => 10,
    VERIFYSMS_INTERNAL         => 11,
    VERIFYSMS_REACHED_NO       => 0,
    VERIFYSMS_REACHED_YES      => 1,
    VERIFYSMS_REACHED_UNKNOWN  => 2,
};
# Not to be compared with the result of check: OK and NOT_VERIFIED stay here.
our @EXPORT_OK = grep { /^VERIFYSMS_/ && !/_(OK|NOT_VERIFIED)$/ } keys %VerifySMS::;

my $ffi = FFI::Platypus->new(api => 1);
# The soname of the ABI; the name without a number belongs to the development package.
$ffi->lib($ENV{VERIFYSMS_LIBRARY} // 'libverifysms.so.1');
$ffi->attach([verifysms_config_new => '_config_new'], ['string'], 'opaque');
$ffi->attach([verifysms_config_error => '_config_error'], ['opaque'], 'string');
$ffi->attach([verifysms_config_free => '_config_free'], ['opaque'], 'void');
$ffi->attach([verifysms_client_new => '_client_new'], ['opaque'], 'opaque');
$ffi->attach([verifysms_client_free => '_client_free'], ['opaque'], 'void');
$ffi->attach([verifysms_client_connect => '_connect'], ['opaque'], 'opaque');
$ffi->attach([verifysms_send => '_send'], ['opaque', 'string'], 'opaque');
$ffi->attach([verifysms_check => '_check'], ['opaque', 'string', 'string'], 'opaque');
$ffi->attach([verifysms_result_code => '_code'], ['opaque'], 'int');
$ffi->attach([verifysms_result_reached => '_reached'], ['opaque'], 'int');
$ffi->attach([verifysms_result_reason => '_reason'], ['opaque'], 'int');
$ffi->attach([verifysms_result_status => '_status'], ['opaque'], 'int');
$ffi->attach([verifysms_result_timestamp => '_timestamp'], ['opaque'], 'sint64');
$ffi->attach([verifysms_result_to => '_to'], ['opaque'], 'string');
$ffi->attach([verifysms_result_unique => '_unique'], ['opaque'], 'string');
$ffi->attach([verifysms_result_message => '_message'], ['opaque'], 'string');
$ffi->attach([verifysms_result_free => '_result_free'], ['opaque'], 'void');
$ffi->attach([verifysms_version => 'version'], [], 'string');

my %setters = (
    sender     => $ffi->function(verifysms_config_set_sender     => ['opaque', 'string'] => 'int'),
    message    => $ffi->function(verifysms_config_set_message    => ['opaque', 'string'] => 'int'),
    url        => $ffi->function(verifysms_config_set_url        => ['opaque', 'string'] => 'int'),
    proxy      => $ffi->function(verifysms_config_set_proxy      => ['opaque', 'string'] => 'int'),
    ca_file    => $ffi->function(verifysms_config_set_ca_file    => ['opaque', 'string'] => 'int'),
    timeout_ms => $ffi->function(verifysms_config_set_timeout_ms => ['opaque', 'int']    => 'int'),
);

# VerifySMS->new(api_key => ..., sender => ..., ...): undef keeps the library's default.
sub new {
    my ($class, %settings) = _given(\@_);
    for my $name (keys %settings) {
        # The name is not shown: where somebody forgot api_key it is the key.
        croak 'settings: are api_key, ' . join ', ', sort keys %setters unless $name eq 'api_key' || $setters{$name};
        $settings{$name} = _bytes($settings{$name});
    }
    my $config = _config_new(delete $settings{api_key});
    for my $name (grep { defined $settings{$_} } sort keys %settings) {
        $setters{$name}->call($config, $settings{$name});
    }
    my $client  = _client_new($config);
    my $refusal = _config_error($config);
    _config_free($config);
    _refuse($refusal) unless $client;
    return bless { client => $client }, $class;
}

# Opens a connection ahead of the next call: when the page opens on which a person types a number.
# Returns nothing.
sub connect {
    my ($self) = @_;
    _read(_connect($self->{client}));
    return;
}

# Sends a code to a number. Returns what the service said of the message, which is no truth value: an
# accepted message verifies nobody.
sub send {
    my ($self, $to) = _given(\@_);
    return bless _read(_send($self->{client}, _bytes($to))), 'VerifySMS::Sent';
}

# Whether the code is the one that was sent to the number: an object that is true or false, and no number.
sub check {
    my ($self, $to, $typed) = _given(\@_);
    croak 'check: look at what it answers, a code that is not right is no exception' unless defined wantarray;
    return bless _read(_check($self->{client}, _bytes($to), _bytes($typed))), 'VerifySMS::Checked';
}

# A Perl thread gets no copy of a client: both would free it.
sub CLONE_SKIP { return 1 }

sub DESTROY {
    my ($self) = @_;
    local ($@, $?, $!);
    _client_free($self->{client}) if $self->{client};
    return;
}

sub _read {
    my ($result) = @_;
    my %answer = (
        code      => _code($result),
        reached   => _reached($result),
        reason    => _reason($result),
        status    => _status($result),
        timestamp => _timestamp($result),
        to        => _to($result),
        unique    => _unique($result),
        message   => _message($result),
    );
    _result_free($result);
    utf8::decode($_) for @answer{qw(unique message)};
    VerifySMS::Error->throw(%answer) unless $answer{code} == VERIFYSMS_OK || $answer{code} == VERIFYSMS_NOT_VERIFIED;
    return \%answer;
}

# Takes the arguments out of @_, so that no stack trace shows them.
sub _given {
    my ($arguments) = @_;
    my @given = @$arguments;
    @$arguments = ();
    return @given;
}

# A text as bytes in UTF-8. C ends a text at a NUL, and would send another one.
sub _bytes {
    my ($text) = _given(\@_);
    return undef unless defined $text;
    _refuse('a text has a NUL in it') if $text =~ /\0/;
    utf8::encode($text);
    return $text;
}

sub _refuse {
    my ($message) = @_;
    return VerifySMS::Error->throw(code => VERIFYSMS_INVALID_ARGUMENT, message => $message);
}

package VerifySMS::Answer;

sub status    { return $_[0]{status} }
sub timestamp { return $_[0]{timestamp} }
sub to        { return $_[0]{to} }
sub unique    { return $_[0]{unique} }
sub message   { return $_[0]{message} }

package VerifySMS::Sent;

our @ISA = 'VerifySMS::Answer';
use overload bool => sub { Carp::croak('send: an accepted message is no truth value, it verifies nobody') },
    '""' => sub { $_[0]{message} };

package VerifySMS::Checked;

our @ISA = 'VerifySMS::Answer';
use overload bool => \&verified, '""' => sub { verified($_[0]) ? 1 : '' },
    '0+' => sub { Carp::croak('check: its answer is true or false, not a number') };

sub verified { return $_[0]{code} == 0 && $_[0]{status} == 1 }

package VerifySMS::Error;

use overload '""' => sub { $_[0]{message} }, bool => sub { 1 }, fallback => 1;

sub throw {
    my ($class, %fields) = @_;
    die bless { reached => 0, reason => 0, status => 0, %fields }, $class;
}
sub code    { return $_[0]{code} }
sub reached { return $_[0]{reached} }
sub reason  { return $_[0]{reason} }
sub message { return $_[0]{message} }

1;
