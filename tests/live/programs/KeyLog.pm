# SPDX-License-Identifier: GPL-2.0-or-later
# Lets any program that uses Net::SSLeay write its TLS secrets to $SSLKEYLOGFILE.
package KeyLog;
use strict;
use warnings;

# Not before the program is compiled: loaded earlier, its prototypes would be held against swaks.
INIT {
    require Net::SSLeay;
    no warnings 'redefine';
    my $keep = sub {
        my (undef, $line) = @_;
        open(my $file, '>>', $ENV{SSLKEYLOGFILE}) or return;
        print $file "$line\n";
        close($file);
    };
    for my $name (qw(CTX_new CTX_tlsv1_new CTX_v23_new CTX_new_with_method)) {
        no strict 'refs';
        next unless defined &{"Net::SSLeay::$name"};
        my $real = \&{"Net::SSLeay::$name"};
        *{"Net::SSLeay::$name"} = sub {
            my $context = $real->(@_);
            Net::SSLeay::CTX_set_keylog_callback($context, $keep) if $context;
            return $context;
        };
    }
}

1;
