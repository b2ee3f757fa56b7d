# How a program ends or goes on when a function of it, or a signal handler in one, leaves in the way HOW.
use strict;
use warnings;
use Time::HiRes 'setitimer';
use VerifySMS;

my ($how) = @ARGV;
my $begun = Time::HiRes::time();

sub client {
    my ($key, $url) = @ENV{qw(VERIFYSMS_API_KEY VERIFYSMS_URL)};
    return VerifySMS->new(api_key => $key, sender => 'Acme', url => $url, no_guard => 1, @_);
}

# How a check ended: with an answer, or what it threw.
sub checked {
    my ($client) = @_;
    my $answer = eval { $client->check('0501234567', '000000') ? 'verified' : 'not verified' } // $@;
    chomp $answer;
    return $answer;
}

# What sends this process a signal while a call waits.
sub in_a_moment { setitimer(Time::HiRes::ITIMER_REAL(), 0.2) }

sub descriptors {
    opendir my $folder, '/proc/self/fd' or die;
    return scalar(() = readdir $folder);
}

my %ways = (
    (map { my $name = $_; "exit of $name" => sub { checked(client($name => sub { exit 5 })) } } qw(log event interrupt)),
    (map {
        my $name = $_;
        "exit of a handler in $name" => sub {
            $SIG{ALRM} = sub { exit 5 };
            in_a_moment();
            checked(client(timeout_ms => 1000, $name => sub { 0 }));
        };
    } qw(log event interrupt)),
    'exit of a handler in DESTROY' => sub {
        my $free = \&VerifySMS::_client_free;
        no warnings 'redefine';
        local *VerifySMS::_client_free = sub { $free->(@_); exit 5 };
        client();
    },
    'a status' => sub {
        my $client = client(log => sub { system 'false' });
        $? = 7;
        checked($client);
        undef $client;
        print "$?\n";
    },
    'die of log under strict warnings' => sub {
        local $SIG{__WARN__} = sub { die "strict: @_" };
        my $client = client(log => sub { die "the disk is full\n" });
        print checked($client), "\n";
        # Until as many connections are kept as ever.
        checked($client) for 1 .. 20;
        my $before = descriptors();
        checked($client) for 1 .. 20;
        print descriptors() - $before, " more\n";
    },
    (map {
        my $name = $_;
        "die of a handler in $name" => sub {
            $SIG{ALRM} = sub { die "too late\n" };
            in_a_moment();
            my $client = client(timeout_ms => $name eq 'interrupt' ? 30_000 : 1000, $name => sub { 0 });
            print checked($client), "\n";
            print "waited\n" if Time::HiRes::time() - $begun > 10;
        };
    } qw(log event interrupt)),
    'a flag' => sub {
        my $stop = 0;
        $SIG{ALRM} = sub { warn "stop\n"; $stop = 1 };
        local $SIG{__WARN__} = sub { print "warned: @_" };
        in_a_moment();
        print checked(client(interrupt => sub { $stop })), "\n";
    },
);
$ways{$how}->();
print "over\n";
