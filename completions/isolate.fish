# SPDX-License-Identifier: GPL-3.0-or-later
# completions/isolate.fish - completion of isolate for fish

# Names in the first column of a listing; its head line is not one.
function __isolate_names
    isolatectl $argv[1] list 2>/dev/null | sed -n '2,$s/ .*//p'
end

function __isolate_keys
    isolate --explain all 2>/dev/null | sed -n 's/ =.*//p' | sort -u
end

# KEY= and, where there are few values, KEY=VALUE
function __isolate_set
    __isolate_keys | string replace -r '$' =
    printf 'network=%s\n' transparent socks none
    printf 'tor=%s\n' auto embedded own unix:/
    printf 'dns=%s\n' names resolve
    printf 'control=%s\n' none minimal browser onion-service
    printf 'onion-key=%s\n' keep discard
    printf 'log=%s\n' none destinations
    printf 'socks-ports=%s\n' all none
    printf 'isolate-by=%s\n' app destination port connection
    printf 'socket-families=%s\n' unix inet inet6 netlink
    printf 'identity=%s\n' (__isolate_names identity)
    for key in amnesic exclusive ptrace userns w-xor-x
        printf "$key=%s\n" yes no
    end
end

# Is the command still to come? Then the options are ours.
function __isolate_no_command
    set -l words (commandline -opc)
    set -l skip 1
    for word in $words
        if test $skip -gt 0
            set skip (math $skip - 1)
            continue
        end
        switch $word
            case -i --identity -p --profile --network --tor --bind --ro-bind --env --set --explain
                set skip 1
            case --
                return 1
            case '-*'
            case '*'
                return 1
        end
    end
end

complete -c isolate -x -a '(__fish_complete_subcommand -- -i --identity -p --profile --network --tor --bind --ro-bind --env --set --explain)'
complete -c isolate -n __isolate_no_command -s i -l identity -x -a '(__isolate_names identity)' -d 'Identity to run under'
complete -c isolate -n __isolate_no_command -s p -l profile -x -a '(__isolate_names profile)' -d 'Profile'
complete -c isolate -n __isolate_no_command -l network -x -a 'transparent socks none' -d 'What is reachable'
complete -c isolate -n __isolate_no_command -l tor -x -a 'auto embedded own unix:/' -d 'SocksPort'
complete -c isolate -n __isolate_no_command -l amnesic -d 'Home in memory, nothing recorded'
complete -c isolate -n __isolate_no_command -l bind -r -d 'Share a host path, writable'
complete -c isolate -n __isolate_no_command -l ro-bind -r -d 'Share a host path, read-only'
complete -c isolate -n __isolate_no_command -l env -x -d 'Set an environment variable'
complete -c isolate -n __isolate_no_command -l set -x -a '(__isolate_set)' -d 'Set a profile key'
complete -c isolate -n __isolate_no_command -l explain -x -a 'all (__isolate_keys)' -d 'Print a profile key and who set it'
complete -c isolate -n __isolate_no_command -l dry-run -d 'Print the plan and run nothing'
complete -c isolate -n __isolate_no_command -s v -l verbose -d 'Say what is done'
complete -c isolate -n __isolate_no_command -s V -l version -d 'Print the version'
complete -c isolate -n __isolate_no_command -s h -l help -d 'Print the help'
