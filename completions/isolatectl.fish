# SPDX-License-Identifier: GPL-3.0-or-later
# completions/isolatectl.fish - completion of isolatectl for fish

# Names in the first column of a listing; its head line is not one.
function __isolatectl_names
    isolatectl $argv 2>/dev/null | sed -n '2,$s/ .*//p'
end

# At the second word of a group: the first word is it, and nothing follows.
function __isolatectl_at --argument-names group
    set -l words (commandline -opc)
    test (count $words) -eq 2; and test "$words[2]" = $group
end

function __isolatectl_in --argument-names group word
    set -l words (commandline -opc)
    test (count $words) -ge 3; and test "$words[2] $words[3]" = "$group $word"
end

# At the word behind "tor bridges", or where that word is this one.
function __isolatectl_bridges --argument-names word
    set -l words (commandline -opc)
    test (count $words) -ge 3; and test "$words[2] $words[3]" = 'tor bridges'
    and test "$words[4]" = "$word"
end

function __isolatectl_json
    __fish_seen_subcommand_from log circuits top
    or __isolatectl_in identity list
    or __isolatectl_in identity show
    or __isolatectl_in tor status
    or __isolatectl_bridges list
    or __isolatectl_bridges test
    or __isolatectl_in profile list
end

complete -c isolatectl -f
complete -c isolatectl -n __fish_use_subcommand -a log -d 'What was launched, and how it ended'
complete -c isolatectl -n __fish_use_subcommand -a identity -d 'Who there is'
complete -c isolatectl -n __fish_use_subcommand -a newnym -d 'New circuits for an identity'
complete -c isolatectl -n __fish_use_subcommand -a circuits -d 'Whose circuits there are'
complete -c isolatectl -n __fish_use_subcommand -a top -d 'What runs'
complete -c isolatectl -n __fish_use_subcommand -a tor -d 'isolate\'s own tor'
complete -c isolatectl -n __fish_use_subcommand -a profile -d 'What applications are given'
complete -c isolatectl -n __fish_use_subcommand -l version -d 'The version'
complete -c isolatectl -s h -l help -d 'How it is used'
complete -c isolatectl -n '__isolatectl_at identity' -a list -d 'All identities'
complete -c isolatectl -n '__isolatectl_at identity' -a show -d 'One identity'
complete -c isolatectl -n '__isolatectl_at tor' -a start -d 'Start it, unless it runs'
complete -c isolatectl -n '__isolatectl_at tor' -a stop -d 'Stop it'
complete -c isolatectl -n '__isolatectl_at tor' -a restart -d 'Stop and start it'
complete -c isolatectl -n '__isolatectl_at tor' -a status -d 'Does it run'
complete -c isolatectl -n '__isolatectl_at tor' -a log -d 'What it says'
complete -c isolatectl -n '__isolatectl_at tor' -a config -d 'What it is told'
complete -c isolatectl -n '__isolatectl_at tor' -a forget -d 'Take an identity\'s SocksPort away'
complete -c isolatectl -n '__isolatectl_in tor start; or __isolatectl_in tor restart' -l plain -d 'Not as a unit of systemd'
for word in start stop restart status log config forget
    complete -c isolatectl -n "__isolatectl_in tor $word" -a '(__isolatectl_names identity list)'
end
complete -c isolatectl -n '__isolatectl_at tor' -a bridges -d 'How it reaches Tor'
complete -c isolatectl -n '__isolatectl_bridges ""' -a add -d 'Reach Tor by this one'
complete -c isolatectl -n '__isolatectl_bridges ""' -a list -d 'Those that are set'
complete -c isolatectl -n '__isolatectl_bridges ""' -a remove -d 'No longer use one, or all'
complete -c isolatectl -n '__isolatectl_bridges ""' -a test -d 'Try one, or all'
complete -c isolatectl -n '__isolatectl_bridges remove' -a all
complete -c isolatectl -n '__isolatectl_at profile' -a list -d 'All profiles'
complete -c isolatectl -n '__isolatectl_at profile' -a show -d 'One profile'
complete -c isolatectl -n '__isolatectl_in identity show' -a '(__isolatectl_names identity list)'
complete -c isolatectl -n '__isolatectl_in profile show' -a '(__isolatectl_names profile list)'
complete -c isolatectl -n '__fish_seen_subcommand_from log' -s n -l last -x -d 'Only the last N'
complete -c isolatectl -n '__fish_seen_subcommand_from log' -l identity -x -a '(__isolatectl_names identity list)' -d 'Only of this identity'
complete -c isolatectl -n '__fish_seen_subcommand_from newnym' -a '(__isolatectl_names identity list)'
complete -c isolatectl -n '__fish_seen_subcommand_from newnym' -l close -d 'End its old circuits too'
complete -c isolatectl -n '__fish_seen_subcommand_from circuits' -l watch -d 'Go on, and tell of each change'
complete -c isolatectl -n '__fish_seen_subcommand_from top' -l once -d 'One look, of a second'
complete -c isolatectl -n __isolatectl_json -l json -d 'For programs'
