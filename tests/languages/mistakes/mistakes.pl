# What people write by mistake in Perl, with a wrong code; and what a stack trace would show of it.
use strict;
use warnings;
use Carp ();
use Data::Dumper;
use VerifySMS;

$| = 1;
my ($key, $number) = @ENV{qw(VERIFYSMS_API_KEY NUMBER)};
my $right = '';

sub attempt {
    my ($mistake, $try) = @_;
    local $SIG{__DIE__} = sub { print Carp::longmess(ref $_[0] ? Dumper($_[0]) : $_[0]) };
    my $in = eval { $try->() ? 1 : 0 };
    printf "%s: %s\n", $in ? 'in' : 'out', $mistake;
}

# More wrong codes than the guard allows.
my $client = VerifySMS->new(api_key => $key, sender => 'Acme', url => $ENV{VERIFYSMS_URL}, no_guard => 1);
my $nowhere = VerifySMS->new(api_key => $key, sender => 'Acme', url => 'http://127.0.0.1:1/');
my $connected = $client->connect;
my $sent = $client->send($number);
print "code for 0501234567?\n";
chomp($right = <STDIN>);
(my $wrong = $right) =~ tr/0-9/9876543210/;

attempt('the answer', sub { $client->check($number, $wrong) });
attempt('the answer in a list', sub { my ($ok) = $client->check($number, $wrong); $ok });
attempt('the answers counted', sub { if (my ($ok) = $client->check($number, $wrong)) { return 1 } return 0 });
attempt('the answer as a text', sub { '' . $client->check($number, $wrong) });
attempt('the answer compared with 0', sub { $client->check($number, $wrong) == 0 });
attempt('the answer compared with OK', sub { $client->check($number, $wrong) == VerifySMS::VERIFYSMS_OK() });
attempt('the answer compared with 2', sub { $client->check($number, $wrong) != 2 });
attempt('the code of the answer', sub { $client->check($number, $wrong)->code });
attempt('the answer as a number', sub { $client->check($number, $wrong) + 0 });
attempt('the answer in a format', sub { sprintf('%d', $client->check($number, $wrong)) });
attempt('a check that did not die', sub { eval { $client->check($number, $wrong); 1 } });
attempt('no answer', sub { $nowhere->check($number, $right) });
attempt('no answer, and the last value', sub { my $ok = eval { $nowhere->check($number, $right) }; $ok });
attempt('what a connect answered', sub { $connected });
attempt('what a forget answered', sub { $nowhere->forget($number) });
attempt('what a send answered', sub { $sent });
attempt('what a delivery answered', sub { $client->delivery($sent->unique) });
attempt('what a send answered, and a check that dies', sub {
    my $ok = $sent;
    eval { $ok = $nowhere->check($number, $right) };
    $ok;
});
attempt('the code of a send', sub { $sent->can('verified') });
attempt('a code with a NUL', sub { $client->check($number, "$right\0") });
attempt('a number with a NUL', sub { $client->send("$number\0") });
attempt('a key with a NUL', sub { VerifySMS->new(api_key => "$key\0") && 0 });
attempt('a key without its name', sub { VerifySMS->new($key, sender => 'Acme') && 0 });
attempt('a sender that is too long', sub { VerifySMS->new(api_key => $key, sender => 'far too long a name') && 0 });

print Dumper($client, $sent);
attempt('the right code', sub { $client->check($number, $right) });
