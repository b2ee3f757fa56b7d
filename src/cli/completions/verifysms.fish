# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_verifysms_global_optspecs
    string join \n h/help V/version
end

function __fish_verifysms_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_verifysms_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_verifysms_using_subcommand
    set -l cmd (__fish_verifysms_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c verifysms -n "__fish_verifysms_needs_command" -s h -l help -d 'Print help'
complete -c verifysms -n "__fish_verifysms_needs_command" -s V -l version -d 'Print version'
complete -c verifysms -n "__fish_verifysms_needs_command" -f -a "send" -d 'Have the service text a code to a phone number'
complete -c verifysms -n "__fish_verifysms_needs_command" -f -a "check" -d 'Check the code that the person typed'
complete -c verifysms -n "__fish_verifysms_needs_command" -f -a "normalize" -d 'Bring a phone number to the service\'s form'
complete -c verifysms -n "__fish_verifysms_needs_command" -f -a "lint" -d 'Inspect a message before it is sent'
complete -c verifysms -n "__fish_verifysms_needs_command" -f -a "delivery" -d 'Ask what became of a message'
complete -c verifysms -n "__fish_verifysms_needs_command" -f -a "guard" -d 'Show or forget how often a number was sent to and guessed'
complete -c verifysms -n "__fish_verifysms_needs_command" -f -a "sandbox" -d 'Imitate the service on this machine: nothing is texted and nobody pays'
complete -c verifysms -n "__fish_verifysms_needs_command" -f -a "config" -d 'Show the settings and where each comes from'
complete -c verifysms -n "__fish_verifysms_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c verifysms -n "__fish_verifysms_using_subcommand send" -l sender -d 'The sender that the phone shows: a text, or a number that 99 digital approved; at most 11 characters [default: VERIFYSMS_SENDER]' -r -f
complete -c verifysms -n "__fish_verifysms_using_subcommand send" -l message -d 'The text to send; ##code## is replaced by the code [default: the service\'s own text]' -r -f
complete -c verifysms -n "__fish_verifysms_using_subcommand send" -l origin -d 'The host of the page on which a browser may fill the code in: adds a last line @HOST ###code##' -r -f -a "(__fish_print_hostnames)"
complete -c verifysms -n "__fish_verifysms_using_subcommand send" -l app-hash -d 'The Android app that may read the message: adds a line with its hash, 11 characters' -r -f
complete -c verifysms -n "__fish_verifysms_using_subcommand send" -l end-user -d 'Who asks: the address at the other end of the connection, or any id that one person keeps' -r -f
complete -c verifysms -n "__fish_verifysms_using_subcommand send" -l api-key-file -d 'A file that holds the account\'s key and nothing else; - reads it from the first line of standard input [default: the environment variable VERIFYSMS_API_KEY]' -r -F
complete -c verifysms -n "__fish_verifysms_using_subcommand send" -l config -d 'The configuration file [default: ~/.config/verifysms/config, if there is one]' -r -F
complete -c verifysms -n "__fish_verifysms_using_subcommand send" -l url -d 'The URL of the service [default: VERIFYSMS_URL, or the real service]' -r -f
complete -c verifysms -n "__fish_verifysms_using_subcommand send" -l timeout -d 'How long the whole call may take [default: 30]' -r -f
complete -c verifysms -n "__fish_verifysms_using_subcommand send" -l proxy -d 'The proxy; "" for none [default: from HTTPS_PROXY, ALL_PROXY, NO_PROXY]' -r -f
complete -c verifysms -n "__fish_verifysms_using_subcommand send" -l ca-file -d 'A PEM file with the only certificate authorities to trust' -r -F
complete -c verifysms -n "__fish_verifysms_using_subcommand send" -l trust -d 'The certificate authorities to trust without --ca-file: the system\'s, or Mozilla\'s as built into this program [default: system]' -r -f -a "system\t''
bundled\t''"
complete -c verifysms -n "__fish_verifysms_using_subcommand send" -l guard -d 'Where sends and wrong codes are counted: file:/path, redis://host, or none [default: VERIFYSMS_GUARD, or none]' -r -f
complete -c verifysms -n "__fish_verifysms_using_subcommand send" -l guard-failure -d 'What to do while the store cannot be asked: refuse, count in this run alone, which limits nothing for long, or limit nothing [default: refuse]' -r -f -a "refuse\t''
local\t''
allow\t''"
complete -c verifysms -n "__fish_verifysms_using_subcommand send" -l guard-namespace -d 'Programs that share a store and this name count together [default: verifysms]' -r -f
complete -c verifysms -n "__fish_verifysms_using_subcommand send" -l json -d 'Print one JSON object, however the call ends'
complete -c verifysms -n "__fish_verifysms_using_subcommand send" -l verbose -d 'Print a line to standard error for every attempt to reach the service'
complete -c verifysms -n "__fish_verifysms_using_subcommand send" -l allow-http -d 'Let the key travel over plain http:// to another machine; never wise'
complete -c verifysms -n "__fish_verifysms_using_subcommand send" -s h -l help -d 'Print help'
complete -c verifysms -n "__fish_verifysms_using_subcommand check" -l end-user -d 'Who asks, as for send: the end user who asked for the code has tries of their own' -r -f
complete -c verifysms -n "__fish_verifysms_using_subcommand check" -l api-key-file -d 'A file that holds the account\'s key and nothing else; - reads it from the first line of standard input [default: the environment variable VERIFYSMS_API_KEY]' -r -F
complete -c verifysms -n "__fish_verifysms_using_subcommand check" -l config -d 'The configuration file [default: ~/.config/verifysms/config, if there is one]' -r -F
complete -c verifysms -n "__fish_verifysms_using_subcommand check" -l url -d 'The URL of the service [default: VERIFYSMS_URL, or the real service]' -r -f
complete -c verifysms -n "__fish_verifysms_using_subcommand check" -l timeout -d 'How long the whole call may take [default: 30]' -r -f
complete -c verifysms -n "__fish_verifysms_using_subcommand check" -l proxy -d 'The proxy; "" for none [default: from HTTPS_PROXY, ALL_PROXY, NO_PROXY]' -r -f
complete -c verifysms -n "__fish_verifysms_using_subcommand check" -l ca-file -d 'A PEM file with the only certificate authorities to trust' -r -F
complete -c verifysms -n "__fish_verifysms_using_subcommand check" -l trust -d 'The certificate authorities to trust without --ca-file: the system\'s, or Mozilla\'s as built into this program [default: system]' -r -f -a "system\t''
bundled\t''"
complete -c verifysms -n "__fish_verifysms_using_subcommand check" -l guard -d 'Where sends and wrong codes are counted: file:/path, redis://host, or none [default: VERIFYSMS_GUARD, or none]' -r -f
complete -c verifysms -n "__fish_verifysms_using_subcommand check" -l guard-failure -d 'What to do while the store cannot be asked: refuse, count in this run alone, which limits nothing for long, or limit nothing [default: refuse]' -r -f -a "refuse\t''
local\t''
allow\t''"
complete -c verifysms -n "__fish_verifysms_using_subcommand check" -l guard-namespace -d 'Programs that share a store and this name count together [default: verifysms]' -r -f
complete -c verifysms -n "__fish_verifysms_using_subcommand check" -l json -d 'Print one JSON object, however the call ends'
complete -c verifysms -n "__fish_verifysms_using_subcommand check" -l verbose -d 'Print a line to standard error for every attempt to reach the service'
complete -c verifysms -n "__fish_verifysms_using_subcommand check" -l allow-http -d 'Let the key travel over plain http:// to another machine; never wise'
complete -c verifysms -n "__fish_verifysms_using_subcommand check" -s h -l help -d 'Print help'
complete -c verifysms -n "__fish_verifysms_using_subcommand normalize" -l json -d 'Print one JSON object, also if it is no number'
complete -c verifysms -n "__fish_verifysms_using_subcommand normalize" -s h -l help -d 'Print help'
complete -c verifysms -n "__fish_verifysms_using_subcommand lint" -l sender -d 'The sender, to be inspected too' -r -f
complete -c verifysms -n "__fish_verifysms_using_subcommand lint" -l origin -d 'The host of the page on which a browser is to fill the code in, as in example.co.il' -r -f -a "(__fish_print_hostnames)"
complete -c verifysms -n "__fish_verifysms_using_subcommand lint" -l json -d 'Print one JSON object'
complete -c verifysms -n "__fish_verifysms_using_subcommand lint" -s h -l help -d 'Print help'
complete -c verifysms -n "__fish_verifysms_using_subcommand delivery" -l watch-for -d 'How long to watch' -r
complete -c verifysms -n "__fish_verifysms_using_subcommand delivery" -l api-key-file -d 'A file that holds the account\'s key and nothing else; - reads it from the first line of standard input [default: the environment variable VERIFYSMS_API_KEY]' -r -F
complete -c verifysms -n "__fish_verifysms_using_subcommand delivery" -l config -d 'The configuration file [default: ~/.config/verifysms/config, if there is one]' -r -F
complete -c verifysms -n "__fish_verifysms_using_subcommand delivery" -l url -d 'The URL of the service [default: VERIFYSMS_URL, or the real service]' -r -f
complete -c verifysms -n "__fish_verifysms_using_subcommand delivery" -l timeout -d 'How long the whole call may take [default: 30]' -r -f
complete -c verifysms -n "__fish_verifysms_using_subcommand delivery" -l proxy -d 'The proxy; "" for none [default: from HTTPS_PROXY, ALL_PROXY, NO_PROXY]' -r -f
complete -c verifysms -n "__fish_verifysms_using_subcommand delivery" -l ca-file -d 'A PEM file with the only certificate authorities to trust' -r -F
complete -c verifysms -n "__fish_verifysms_using_subcommand delivery" -l trust -d 'The certificate authorities to trust without --ca-file: the system\'s, or Mozilla\'s as built into this program [default: system]' -r -f -a "system\t''
bundled\t''"
complete -c verifysms -n "__fish_verifysms_using_subcommand delivery" -l guard -d 'Where sends and wrong codes are counted: file:/path, redis://host, or none [default: VERIFYSMS_GUARD, or none]' -r -f
complete -c verifysms -n "__fish_verifysms_using_subcommand delivery" -l guard-failure -d 'What to do while the store cannot be asked: refuse, count in this run alone, which limits nothing for long, or limit nothing [default: refuse]' -r -f -a "refuse\t''
local\t''
allow\t''"
complete -c verifysms -n "__fish_verifysms_using_subcommand delivery" -l guard-namespace -d 'Programs that share a store and this name count together [default: verifysms]' -r -f
complete -c verifysms -n "__fish_verifysms_using_subcommand delivery" -l watch -d 'Ask every 2 seconds until there is a report'
complete -c verifysms -n "__fish_verifysms_using_subcommand delivery" -l json -d 'Print one JSON object, however the call ends'
complete -c verifysms -n "__fish_verifysms_using_subcommand delivery" -l verbose -d 'Print a line to standard error for every attempt to reach the service'
complete -c verifysms -n "__fish_verifysms_using_subcommand delivery" -l allow-http -d 'Let the key travel over plain http:// to another machine; never wise'
complete -c verifysms -n "__fish_verifysms_using_subcommand delivery" -s h -l help -d 'Print help'
complete -c verifysms -n "__fish_verifysms_using_subcommand guard; and not __fish_seen_subcommand_from show forget help" -s h -l help -d 'Print help'
complete -c verifysms -n "__fish_verifysms_using_subcommand guard; and not __fish_seen_subcommand_from show forget help" -f -a "show" -d 'Show how far the limits of a number are used'
complete -c verifysms -n "__fish_verifysms_using_subcommand guard; and not __fish_seen_subcommand_from show forget help" -f -a "forget" -d 'Forget what was counted for a number: unlock a person'
complete -c verifysms -n "__fish_verifysms_using_subcommand guard; and not __fish_seen_subcommand_from show forget help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c verifysms -n "__fish_verifysms_using_subcommand guard; and __fish_seen_subcommand_from show" -l api-key-file -d 'A file that holds the account\'s key and nothing else; - reads it from the first line of standard input [default: the environment variable VERIFYSMS_API_KEY]' -r -F
complete -c verifysms -n "__fish_verifysms_using_subcommand guard; and __fish_seen_subcommand_from show" -l config -d 'The configuration file [default: ~/.config/verifysms/config, if there is one]' -r -F
complete -c verifysms -n "__fish_verifysms_using_subcommand guard; and __fish_seen_subcommand_from show" -l url -d 'The URL of the service [default: VERIFYSMS_URL, or the real service]' -r -f
complete -c verifysms -n "__fish_verifysms_using_subcommand guard; and __fish_seen_subcommand_from show" -l timeout -d 'How long the whole call may take [default: 30]' -r -f
complete -c verifysms -n "__fish_verifysms_using_subcommand guard; and __fish_seen_subcommand_from show" -l proxy -d 'The proxy; "" for none [default: from HTTPS_PROXY, ALL_PROXY, NO_PROXY]' -r -f
complete -c verifysms -n "__fish_verifysms_using_subcommand guard; and __fish_seen_subcommand_from show" -l ca-file -d 'A PEM file with the only certificate authorities to trust' -r -F
complete -c verifysms -n "__fish_verifysms_using_subcommand guard; and __fish_seen_subcommand_from show" -l trust -d 'The certificate authorities to trust without --ca-file: the system\'s, or Mozilla\'s as built into this program [default: system]' -r -f -a "system\t''
bundled\t''"
complete -c verifysms -n "__fish_verifysms_using_subcommand guard; and __fish_seen_subcommand_from show" -l guard -d 'Where sends and wrong codes are counted: file:/path, redis://host, or none [default: VERIFYSMS_GUARD, or none]' -r -f
complete -c verifysms -n "__fish_verifysms_using_subcommand guard; and __fish_seen_subcommand_from show" -l guard-failure -d 'What to do while the store cannot be asked: refuse, count in this run alone, which limits nothing for long, or limit nothing [default: refuse]' -r -f -a "refuse\t''
local\t''
allow\t''"
complete -c verifysms -n "__fish_verifysms_using_subcommand guard; and __fish_seen_subcommand_from show" -l guard-namespace -d 'Programs that share a store and this name count together [default: verifysms]' -r -f
complete -c verifysms -n "__fish_verifysms_using_subcommand guard; and __fish_seen_subcommand_from show" -l json -d 'Print one JSON object, however the call ends'
complete -c verifysms -n "__fish_verifysms_using_subcommand guard; and __fish_seen_subcommand_from show" -l verbose -d 'Print a line to standard error for every attempt to reach the service'
complete -c verifysms -n "__fish_verifysms_using_subcommand guard; and __fish_seen_subcommand_from show" -l allow-http -d 'Let the key travel over plain http:// to another machine; never wise'
complete -c verifysms -n "__fish_verifysms_using_subcommand guard; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c verifysms -n "__fish_verifysms_using_subcommand guard; and __fish_seen_subcommand_from forget" -l api-key-file -d 'A file that holds the account\'s key and nothing else; - reads it from the first line of standard input [default: the environment variable VERIFYSMS_API_KEY]' -r -F
complete -c verifysms -n "__fish_verifysms_using_subcommand guard; and __fish_seen_subcommand_from forget" -l config -d 'The configuration file [default: ~/.config/verifysms/config, if there is one]' -r -F
complete -c verifysms -n "__fish_verifysms_using_subcommand guard; and __fish_seen_subcommand_from forget" -l url -d 'The URL of the service [default: VERIFYSMS_URL, or the real service]' -r -f
complete -c verifysms -n "__fish_verifysms_using_subcommand guard; and __fish_seen_subcommand_from forget" -l timeout -d 'How long the whole call may take [default: 30]' -r -f
complete -c verifysms -n "__fish_verifysms_using_subcommand guard; and __fish_seen_subcommand_from forget" -l proxy -d 'The proxy; "" for none [default: from HTTPS_PROXY, ALL_PROXY, NO_PROXY]' -r -f
complete -c verifysms -n "__fish_verifysms_using_subcommand guard; and __fish_seen_subcommand_from forget" -l ca-file -d 'A PEM file with the only certificate authorities to trust' -r -F
complete -c verifysms -n "__fish_verifysms_using_subcommand guard; and __fish_seen_subcommand_from forget" -l trust -d 'The certificate authorities to trust without --ca-file: the system\'s, or Mozilla\'s as built into this program [default: system]' -r -f -a "system\t''
bundled\t''"
complete -c verifysms -n "__fish_verifysms_using_subcommand guard; and __fish_seen_subcommand_from forget" -l guard -d 'Where sends and wrong codes are counted: file:/path, redis://host, or none [default: VERIFYSMS_GUARD, or none]' -r -f
complete -c verifysms -n "__fish_verifysms_using_subcommand guard; and __fish_seen_subcommand_from forget" -l guard-failure -d 'What to do while the store cannot be asked: refuse, count in this run alone, which limits nothing for long, or limit nothing [default: refuse]' -r -f -a "refuse\t''
local\t''
allow\t''"
complete -c verifysms -n "__fish_verifysms_using_subcommand guard; and __fish_seen_subcommand_from forget" -l guard-namespace -d 'Programs that share a store and this name count together [default: verifysms]' -r -f
complete -c verifysms -n "__fish_verifysms_using_subcommand guard; and __fish_seen_subcommand_from forget" -l json -d 'Print one JSON object, however the call ends'
complete -c verifysms -n "__fish_verifysms_using_subcommand guard; and __fish_seen_subcommand_from forget" -l verbose -d 'Print a line to standard error for every attempt to reach the service'
complete -c verifysms -n "__fish_verifysms_using_subcommand guard; and __fish_seen_subcommand_from forget" -l allow-http -d 'Let the key travel over plain http:// to another machine; never wise'
complete -c verifysms -n "__fish_verifysms_using_subcommand guard; and __fish_seen_subcommand_from forget" -s h -l help -d 'Print help'
complete -c verifysms -n "__fish_verifysms_using_subcommand guard; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show how far the limits of a number are used'
complete -c verifysms -n "__fish_verifysms_using_subcommand guard; and __fish_seen_subcommand_from help" -f -a "forget" -d 'Forget what was counted for a number: unlock a person'
complete -c verifysms -n "__fish_verifysms_using_subcommand guard; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c verifysms -n "__fish_verifysms_using_subcommand sandbox" -l host -d 'The name or address to listen on' -r
complete -c verifysms -n "__fish_verifysms_using_subcommand sandbox" -l port -d 'The port to listen on; 0 for a free one' -r
complete -c verifysms -n "__fish_verifysms_using_subcommand sandbox" -l api-key -d 'The key that requests must have; it is no secret' -r
complete -c verifysms -n "__fish_verifysms_using_subcommand sandbox" -l approved-sender -d 'A number that is approved as a sender, as in 0501234567; can be repeated' -r
complete -c verifysms -n "__fish_verifysms_using_subcommand sandbox" -l ca-file -d 'Where to write the authority that clients have to trust [default: a temporary file, removed at the end]' -r -F
complete -c verifysms -n "__fish_verifysms_using_subcommand sandbox" -l seed -d 'Make the codes repeatable: the same seed gives the same codes' -r
complete -c verifysms -n "__fish_verifysms_using_subcommand sandbox" -l allow-remote -d 'Let other machines send and check too; needed for a --host that is not loopback'
complete -c verifysms -n "__fish_verifysms_using_subcommand sandbox" -l tls -d 'Speak TLS, with a certificate for localhost and the host and a certificate authority made for this run'
complete -c verifysms -n "__fish_verifysms_using_subcommand sandbox" -l log -d 'Print a line for every request with its outcome and the reason: no key, no code and only the last three digits of the number'
complete -c verifysms -n "__fish_verifysms_using_subcommand sandbox" -s h -l help -d 'Print help'
complete -c verifysms -n "__fish_verifysms_using_subcommand config" -l config -d 'The configuration file [default: ~/.config/verifysms/config, if there is one]' -r -F
complete -c verifysms -n "__fish_verifysms_using_subcommand config" -s h -l help -d 'Print help'
complete -c verifysms -n "__fish_verifysms_using_subcommand help; and not __fish_seen_subcommand_from send check normalize lint delivery guard sandbox config help" -f -a "send" -d 'Have the service text a code to a phone number'
complete -c verifysms -n "__fish_verifysms_using_subcommand help; and not __fish_seen_subcommand_from send check normalize lint delivery guard sandbox config help" -f -a "check" -d 'Check the code that the person typed'
complete -c verifysms -n "__fish_verifysms_using_subcommand help; and not __fish_seen_subcommand_from send check normalize lint delivery guard sandbox config help" -f -a "normalize" -d 'Bring a phone number to the service\'s form'
complete -c verifysms -n "__fish_verifysms_using_subcommand help; and not __fish_seen_subcommand_from send check normalize lint delivery guard sandbox config help" -f -a "lint" -d 'Inspect a message before it is sent'
complete -c verifysms -n "__fish_verifysms_using_subcommand help; and not __fish_seen_subcommand_from send check normalize lint delivery guard sandbox config help" -f -a "delivery" -d 'Ask what became of a message'
complete -c verifysms -n "__fish_verifysms_using_subcommand help; and not __fish_seen_subcommand_from send check normalize lint delivery guard sandbox config help" -f -a "guard" -d 'Show or forget how often a number was sent to and guessed'
complete -c verifysms -n "__fish_verifysms_using_subcommand help; and not __fish_seen_subcommand_from send check normalize lint delivery guard sandbox config help" -f -a "sandbox" -d 'Imitate the service on this machine: nothing is texted and nobody pays'
complete -c verifysms -n "__fish_verifysms_using_subcommand help; and not __fish_seen_subcommand_from send check normalize lint delivery guard sandbox config help" -f -a "config" -d 'Show the settings and where each comes from'
complete -c verifysms -n "__fish_verifysms_using_subcommand help; and not __fish_seen_subcommand_from send check normalize lint delivery guard sandbox config help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c verifysms -n "__fish_verifysms_using_subcommand help; and __fish_seen_subcommand_from guard" -f -a "show" -d 'Show how far the limits of a number are used'
complete -c verifysms -n "__fish_verifysms_using_subcommand help; and __fish_seen_subcommand_from guard" -f -a "forget" -d 'Forget what was counted for a number: unlock a person'
