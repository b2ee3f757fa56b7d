# The C library as a class. A wrong code is an answer; any other failure is
# thrown as a VerifySMS::Error, which reads as its message. A wrong use of the class croaks. Only this
# file calls C.
package VerifySMS;

our $VERSION = '1.0.0';

use strict;
use warnings;
use utf8;
use Carp 'croak';
use Exporter 'import';
use FFI::Platypus 1.00;
use FFI::Platypus::Buffer 'scalar_to_buffer';

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
    VERIFYSMS_LIMITED          => 12,
    VERIFYSMS_GUARD_DOWN       => 13,
    VERIFYSMS_REACHED_NO       => 0,
    VERIFYSMS_REACHED_YES      => 1,
    VERIFYSMS_REACHED_UNKNOWN  => 2,
    VERIFYSMS_TRUST_SYSTEM     => 0,
    VERIFYSMS_TRUST_BUNDLED    => 1,
    VERIFYSMS_LOG_INFO         => 6,
    VERIFYSMS_LOG_DEBUG        => 7,
    VERIFYSMS_LOG_WARNING      => 4,
    VERIFYSMS_EVENT_OTHER      => 0,
    VERIFYSMS_EVENT_SENT       => 1,
    VERIFYSMS_EVENT_CHECKED    => 2,
    VERIFYSMS_EVENT_VERIFIED   => 3,
    VERIFYSMS_EVENT_REFUSED    => 4,
    VERIFYSMS_EVENT_UNKNOWN    => 5,
    VERIFYSMS_EVENT_LIMITED    => 6,
    VERIFYSMS_EVENT_FAILED     => 7,
    VERIFYSMS_GUARD_LOCAL      => 0,
    VERIFYSMS_GUARD_REFUSE     => 1,
    VERIFYSMS_GUARD_ALLOW      => 2,
    VERIFYSMS_LIMIT_COOLDOWN   => 1,
    VERIFYSMS_LIMIT_SENDS_NUMBER => 2,
    VERIFYSMS_LIMIT_SENDS_NUMBER_DAY => 3,
    VERIFYSMS_LIMIT_SENDS_USER => 4,
    VERIFYSMS_LIMIT_SENDS_RANGE => 5,
    VERIFYSMS_LIMIT_SENDS_APP  => 6,
    VERIFYSMS_LIMIT_TRIES      => 7,
    VERIFYSMS_LIMIT_FAILURES_NUMBER => 8,
    VERIFYSMS_LIMIT_FAILURES_USER => 9,
    VERIFYSMS_PHONE_UNKNOWN    => 0,
    VERIFYSMS_PHONE_MOBILE     => 1,
    VERIFYSMS_PHONE_LANDLINE   => 2,
    VERIFYSMS_PHONE_VOIP       => 3,
    VERIFYSMS_PHONE_KOSHER     => 4,
    VERIFYSMS_ENCODING_GSM7 => 1,
    VERIFYSMS_ENCODING_UCS2 => 2,
    VERIFYSMS_WARNING_WITHOUT_CODE => 1,
    VERIFYSMS_WARNING_SEVERAL_PARTS => 2,
    VERIFYSMS_WARNING_COSTLY_CHARACTER => 3,
    VERIFYSMS_WARNING_CODE_IN_RIGHT_TO_LEFT_LINE => 4,
    VERIFYSMS_WARNING_DIRECTION_MARK => 5,
    VERIFYSMS_WARNING_WEBOTP_MISSING => 6,
    VERIFYSMS_WARNING_WEBOTP_NOT_LAST => 7,
    VERIFYSMS_WARNING_WEBOTP_FORM => 8,
    VERIFYSMS_WARNING_WEBOTP_HOST => 9,
    VERIFYSMS_WARNING_WEBOTP_ORIGIN => 10,
    VERIFYSMS_WARNING_RETRIEVER_LENGTH => 11,
    VERIFYSMS_WARNING_LINK => 12,
    VERIFYSMS_WARNING_OTHER_NUMBER => 13,
    VERIFYSMS_WARNING_SENDER_INVALID => 14,
    VERIFYSMS_WARNING_SENDER_CHARACTERS => 15,
    VERIFYSMS_WARNING_SENDER_NUMBER => 16,
    VERIFYSMS_DELIVERY_UNKNOWN => 0,
    VERIFYSMS_DELIVERY_PENDING => 1,
    VERIFYSMS_DELIVERY_DELIVERED => 2,
    VERIFYSMS_DELIVERY_FAILED => 3,
    VERIFYSMS_DELIVERY_BLOCKED => 4,
    VERIFYSMS_DELIVERY_EXPIRED => 5,
    VERIFYSMS_DELIVERY_CODE_NONE => -2147483647,
    VERIFYSMS_NEXT_NONE => 0,
    VERIFYSMS_NEXT_WAIT => 1,
    VERIFYSMS_NEXT_RETRY_LATER => 2,
    VERIFYSMS_NEXT_ANOTHER_NUMBER => 3,
    VERIFYSMS_NEXT_OPTED_OUT => 4,
    VERIFYSMS_NEXT_ABROAD => 5,
    VERIFYSMS_NEXT_CONTACT_SUPPORT => 6,
};
# Not to be compared with the result of check: OK and NOT_VERIFIED stay here.
our @EXPORT_OK = grep { /^VERIFYSMS_/ && !/_(OK|NOT_VERIFIED)$/ } keys %VerifySMS::;

my $ffi = FFI::Platypus->new(api => 1);
# The soname of the ABI; the name without a number belongs to the development package.
my $library = $ENV{VERIFYSMS_LIBRARY} // 'libverifysms.so.1';
$ffi->lib($library);
$ffi->find_symbol('verifysms_version')
    or die "cannot load $library: install verifysms, or name the file in VERIFYSMS_LIBRARY; "
    . "bindings/README.md, \"The library is not found\"\n";
$ffi->attach([verifysms_config_new => '_config_new'], ['string'], 'opaque');
$ffi->attach([verifysms_config_error => '_config_error'], ['opaque'], 'string');
$ffi->attach([verifysms_config_rule => '_config_rule'], ['opaque'], 'int');
$ffi->attach([verifysms_config_free => '_config_free'], ['opaque'], 'void');
$ffi->attach([verifysms_client_new => '_client_new'], ['opaque'], 'opaque');
$ffi->attach([verifysms_client_cancel => '_cancel'], ['opaque'], 'void');
$ffi->attach([verifysms_client_free => '_client_free'], ['opaque'], 'void');
$ffi->attach([verifysms_client_connect => '_connect'], ['opaque'], 'opaque');
$ffi->attach([verifysms_request_new => '_request_new'], ['string'], 'opaque');
$ffi->attach([verifysms_request_free => '_request_free'], ['opaque'], 'void');
$ffi->attach([verifysms_send_request => '_send'], ['opaque', 'opaque'], 'opaque');
$ffi->attach([verifysms_check_request => '_check'], ['opaque', 'opaque', 'string'], 'opaque');
$ffi->attach([verifysms_forget => '_forget'], ['opaque', 'string'], 'opaque');
$ffi->attach([verifysms_guard_show => '_guard_show'], ['opaque', 'string'], 'opaque');
$ffi->attach([verifysms_delivery => '_delivery'], ['opaque', 'string'], 'opaque');
$ffi->attach([verifysms_config_set_limit => '_set_limit'], ['opaque', 'int', 'int', 'int'], 'int');
$ffi->attach([verifysms_result_free => '_result_free'], ['opaque'], 'void');
$ffi->attach([verifysms_result_user_text => '_user_text'], ['opaque', 'string'], 'string');
$ffi->attach([verifysms_wait_text => '_wait_text'], ['int', 'string', 'opaque', 'int'], 'int');
$ffi->attach([verifysms_phone_normalize => '_normalize'], ['string', 'opaque', 'int'], 'int');
$ffi->attach([verifysms_phone_e164 => '_e164'], ['string', 'opaque', 'int'], 'int');
$ffi->attach([verifysms_phone_kind => '_kind'], ['string'], 'int');
$ffi->attach([verifysms_message_inspect => '_inspect'], ['string', 'string', 'string'], 'opaque');
$ffi->attach([verifysms_message_encoding => '_encoding'], ['opaque'], 'int');
$ffi->attach([verifysms_message_length => '_length'], ['opaque', 'int'], 'int');
$ffi->attach([verifysms_message_parts => '_parts'], ['opaque', 'int'], 'int');
$ffi->attach([verifysms_message_warning_count => '_warning_count'], ['opaque'], 'int');
$ffi->attach([verifysms_message_warning => '_warning'], ['opaque', 'int'], 'int');
$ffi->attach([verifysms_message_warning_position => '_warning_position'], ['opaque', 'int'], 'int');
$ffi->attach([verifysms_message_warning_text => '_warning_text'], ['opaque', 'int'], 'string');
$ffi->attach([verifysms_message_free => '_message_free'], ['opaque'], 'void');
$ffi->attach([verifysms_event_name => 'event_name'], ['int'], 'string');
$ffi->attach([verifysms_limit_name => 'limit_name'], ['int'], 'string');
$ffi->attach([verifysms_rule_name => 'rule_name'], ['int'], 'string');
$ffi->attach([verifysms_version => 'version'], [], 'string');
$ffi->type('(opaque,int,string)->void' => 'log_fn');
$ffi->type('(opaque,int,int,int,int,int,int,int)->void' => 'event_fn');
$ffi->type('(opaque)->int' => 'interrupt_fn');

# What verifysms_config_set_... takes after the settings.
my %SETTINGS = (
    sender             => ['string'],
    message            => ['string'],
    url                => ['string'],
    delivery_url       => ['string'],
    timeout_ms         => ['int'],
    connect_timeout_ms => ['int'],
    proxy              => ['string'],
    ca_file            => ['string'],
    trust              => ['int'],
    allow_http         => ['int'],
    guard              => ['string'],
    guard_secret       => ['string'],
    guard_namespace    => ['string'],
    guard_timeout_ms   => ['int'],
    guard_failure      => ['int'],
    log                => ['log_fn', 'opaque'],
    event              => ['event_fn', 'opaque'],
    interrupt          => ['interrupt_fn', 'opaque'],
);
my %setters = map { $_ => $ffi->function("verifysms_config_set_$_" => ['opaque', @{ $SETTINGS{$_} }] => 'int') }
    keys %SETTINGS;

# What a request carries beside its number: verifysms_request_set_...
my %REQUEST = (
    sender     => 'string',
    message    => 'string',
    end_user   => 'string',
    origin     => 'string',
    app_hash   => 'string',
    timeout_ms => 'int',
);
my %requests = map { $_ => $ffi->function("verifysms_request_set_$_" => ['opaque', $REQUEST{$_}] => 'int') }
    keys %REQUEST;

# What verifysms_result_... returns.
my %ACCESSORS = (
    code        => 'int',
    reached     => 'int',
    rule        => 'int',
    reason      => 'int',
    status      => 'int',
    http_status => 'int',
    limit       => 'int',
    retry_after => 'int',
    tries_left  => 'int',
    timestamp   => 'sint64',
    unique      => 'string',
    sender      => 'string',
    to          => 'string',
    message     => 'string',
    # What became of a message: see delivery.
    delivery_state => 'int',
    delivery_next => 'int',
    delivery_code => 'int',
    delivery_hebrew => 'string',
    delivery_english => 'string',
    delivery_date => 'string',
    delivery_operator => 'string',
);
my %accessors = map { $_ => $ffi->function("verifysms_result_$_" => ['opaque'] => $ACCESSORS{$_}) } keys %ACCESSORS;
# Sentences for the person who signs up, in Hebrew and in English.
my %USER_TEXTS = (user_text_he => 'he', user_text_en => 'en');
for my $name (keys %ACCESSORS, keys %USER_TEXTS) {
    no strict 'refs';
    my $read = sub { return $_[0]{$name} };
    *{"VerifySMS::Error::$name"} = $read;
    # The code of an answer is no truth value: 0 is a success.
    *{"VerifySMS::Answer::$name"} = $read unless $name eq 'code';
}

# VerifySMS->new(api_key => ..., sender => ..., ...): undef keeps the library's default. limits is a hash,
# { VERIFYSMS_LIMIT_SENDS_NUMBER() => [5, 600] }; no_guard ends all of them.
sub new {
    my ($class, %settings) = _given(\@_);
    my $self = bless { thrown => [] }, $class;
    my ($limits, $no_guard) = delete @settings{qw(limits no_guard)};
    for my $name (keys %settings) {
        # The name is not shown: where somebody forgot api_key it is the key.
        croak 'settings: are api_key, ' . join ', ', sort keys %setters, 'limits', 'no_guard' unless $name eq 'api_key' || $setters{$name};
        $settings{$name} = ref $settings{$name} eq 'CODE'
            ? $self->_callback($name, $settings{$name}) : _bytes($settings{$name});
    }
    my $config = _config_new(delete $settings{api_key});
    for my $name (grep { defined $settings{$_} } sort keys %settings) {
        $setters{$name}->call($config, $settings{$name}, @{ $SETTINGS{$name} } > 1 ? undef : ());
    }
    _set_limit($config, $_, @{ $limits->{$_} }) for sort keys %{ $limits || {} };
    $setters{guard}->call($config, undef) if $no_guard;
    $self->{client} = _client_new($config);
    my @refusal = (_config_error($config), _config_rule($config));
    _config_free($config);
    _refuse(@refusal) unless $self->{client};
    return $self;
}

# A function that C may call. No exception leaves it: one ends the call of an interrupt function, and every call
# throws it. $? is not localized: that would undo the status of an exit in the function or in a signal handler.
sub _callback {
    my ($self, $name, $code) = @_;
    my $thrown  = $self->{thrown};
    my $closure = $ffi->closure(sub {
        my (undef, @given) = @_;
        my ($over, $status) = (0, $?);
        local ($@, $!);
        my $ran = eval {
            utf8::decode($given[1]) if $name eq 'log';
            my $value = $code->(@given);
            $over = $value ? 1 : 0 if $name eq 'interrupt';
            1;
        };
        push @$thrown, $@ unless $ran;
        $? = $status;
        return @$thrown ? 1 : $over;
    });
    push @{ $self->{callbacks} }, $closure;
    return $closure;
}

# Makes a call of C. What a signal handler throws in a callback, but not in its eval, FFI::Platypus catches and warns
# of: it is thrown by the call, too.
sub _result {
    my ($self, $function, @arguments) = _given(\@_);
    my $warn = $SIG{__WARN__};
    local $SIG{__WARN__} = sub {
        return push @{ $self->{thrown} }, $_[0] if (caller 1)[3] eq 'VerifySMS::_result';
        local $SIG{__WARN__} = $warn;
        warn @_;
    };
    return $function->($self->{client}, @arguments);
}

# Opens a connection ahead of the next call: when the page opens on which a person types a number.
# Returns nothing.
sub connect {
    my ($self) = @_;
    $self->_read($self->_result(\&_connect));
    return;
}

# $client->send($number, sender => ..., message => ..., end_user => ..., timeout_ms => ...): sends a code, if need
# be with another sender, message or deadline than the client's, for an end user whom the guard counts. The message
# gets a line for the origin of a page, such as example.co.il, and one for the app_hash of an Android app, which may
# fill the code in.
# Returns what the service said of the message, which is no truth value: an accepted message verifies nobody.
sub send {
    my ($self, @about) = _given(\@_);
    my $request = _request(@about);
    my $result  = $self->_result(\&_send, $request);
    _request_free($request);
    return bless $self->_read($result), 'VerifySMS::Sent';
}

# Whether the code is the one that was sent to the number: an object that is true or false, and no number. Takes
# the end_user and timeout_ms of send.
sub check {
    my ($self, $to, $typed, @with) = _given(\@_);
    croak 'check: look at what it answers, a code that is not right is no exception' unless defined wantarray;
    # if (my ($verified) = check(...)) would count the answers.
    croak 'check: it answers a scalar, not a list' if wantarray;
    $typed = _bytes($typed);
    my $request = _request($to, @with);
    my $result  = $self->_result(\&_check, $request, $typed);
    _request_free($request);
    return bless $self->_read($result), 'VerifySMS::Checked';
}

# Forgets what the guard knows of a number: for a call centre that unlocks a person. Returns nothing.
sub forget {
    my ($self, $to) = _given(\@_);
    $self->_read($self->_result(\&_forget, _bytes($to)));
    return;
}

# How far the limits of a number are used, as a text.
sub guard_show {
    my ($self, $to) = _given(\@_);
    return $self->_read($self->_result(\&_guard_show, _bytes($to)))->{message};
}

# VerifySMS::phone($text): a phone number as people write it, in the forms that services and databases want. A
# hash with to (0501234567), e164 (+972501234567), kind (a VERIFYSMS_PHONE_) and rule: 0, or which rule of
# rule_name the text breaks; then the others are empty.
sub phone {
    my ($text) = _given(\@_);
    $text = _bytes($text);
    my ($to, $e164) = ("\0" x 16, "\0" x 16);
    my $rule = _normalize($text, scalar_to_buffer($to));
    _e164($text, scalar_to_buffer($e164));
    return { rule => $rule, to => unpack('Z*', $to), e164 => unpack('Z*', $e164), kind => _kind($text) };
}

# VerifySMS::inspect($message, sender => ..., origin => ..., digits => 8): what a message costs with a code of so many
# digits, and what is wrong with it. A hash with encoding (a VERIFYSMS_ENCODING_), length, parts and warnings, each of
# which has kind (a VERIFYSMS_WARNING_), position (-1: the whole text) and text.
sub inspect {
    my ($message, %with) = @_;
    my $digits = $with{digits} // 8;
    my $found = _inspect(map { _bytes($_) } $message, @with{qw(sender origin)}) or _refuse('message: is no text');
    my @warnings = map { {
        kind => _warning($found, $_), position => _warning_position($found, $_), text => _warning_text($found, $_)
    } } 0 .. _warning_count($found) - 1;
    utf8::decode($_->{text}) for @warnings;
    my %read = (encoding => _encoding($found), length => _length($found, $digits), parts => _parts($found, $digits));
    _message_free($found);
    return { %read, warnings => \@warnings };
}

# VerifySMS::wait_text($seconds, 'he'): the sentence that a new code can be asked for in so many seconds, in Hebrew;
# otherwise in English.
sub wait_text {
    my ($seconds, $language) = @_;
    my $text = "\0" x 256;
    _wait_text($seconds, $language, scalar_to_buffer($text));
    $text = unpack 'Z*', $text;
    utf8::decode($text);
    return $text;
}

# What became of a message, by the unique of its send: an answer with delivery_state (a VERIFYSMS_DELIVERY_),
# delivery_next (a VERIFYSMS_NEXT_), delivery_code, and the provider's delivery_hebrew, delivery_english,
# delivery_date and delivery_operator. It is no truth value.
sub delivery {
    my ($self, $unique) = _given(\@_);
    return bless $self->_read($self->_result(\&_delivery, _bytes($unique))), 'VerifySMS::Delivery';
}

# What a call is about: a number, and what else was given.
sub _request {
    my ($to, %with) = _given(\@_);
    croak 'a call takes ' . join ', ', sort keys %REQUEST if grep { !$REQUEST{$_} } keys %with;
    my %texts   = map { $_ => _bytes($with{$_}) } keys %with;
    my $request = _request_new(_bytes($to));
    $requests{$_}->call($request, $texts{$_}) for grep { defined $texts{$_} } sort keys %texts;
    return $request;
}

# Ends the calls of this client as VERIFYSMS_CANCELLED: for an interrupt or log function, or a signal handler
# that an interrupt function lets run.
sub cancel {
    my ($self) = @_;
    _cancel($self->{client});
    return;
}

# A Perl thread gets no copy of a client: both would free it.
sub CLONE_SKIP { return 1 }

sub DESTROY {
    my ($self) = @_;
    my $status = $?;
    local ($@, $!);
    _client_free($self->{client}) if $self->{client};
    $? = $status;
    return;
}

sub _read {
    my ($self, $result) = @_;
    my %answer = map { $_ => $accessors{$_}->call($result) } keys %accessors;
    $answer{$_} = _user_text($result, $USER_TEXTS{$_}) for keys %USER_TEXTS;
    _result_free($result);
    utf8::decode($answer{$_}) for keys %USER_TEXTS, grep { $ACCESSORS{$_} eq 'string' } keys %ACCESSORS;
    if (my ($first) = splice @{ $self->{thrown} }) {
        die $first;
    }
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
    my ($message, $rule) = @_;
    return VerifySMS::Error->throw(code => VERIFYSMS_INVALID_ARGUMENT, message => $message, rule => $rule // 0);
}

package VerifySMS::Sent;

our @ISA = 'VerifySMS::Answer';
use overload bool => sub { Carp::croak('send: an accepted message is no truth value, it verifies nobody') },
    '""' => sub { $_[0]{message} };

package VerifySMS::Delivery;

our @ISA = 'VerifySMS::Answer';
use overload bool => sub { Carp::croak('delivery: a delivered message is no truth value, it verifies nobody') },
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
    my %none = map { $_ => $ACCESSORS{$_} eq 'string' ? '' : 0 } keys %ACCESSORS;
    die bless { %none, tries_left => -1, user_text_he => '', user_text_en => '', %fields }, $class;
}

1;
