#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Of the environment only what is meant for the application gets in.
# shellcheck source=tests/sandbox/lib.sh
. "$(dirname "$0")/lib.sh"

allowed='^(HOME|USER|LOGNAME|SHELL|PATH|PWD|OLDPWD|SHLVL|_|TERM|COLORTERM|LANG'
allowed+='|LC_[A-Z]+|TZ|TMPDIR|HOSTNAME|XDG_[A-Z_]+|[A-Za-z_]*_(proxy|PROXY)'
allowed+='|EDITOR|PAGER|LS_COLORS|NO_COLOR|GIT_[A-Z_]+|SOCKS_[A-Z]+|ISOLATE[A-Z_]*'
allowed+='|TOR_[A-Z_]+|TORSOCKS_[A-Z_]+)='

export SSH_AUTH_SOCK=/leak/agent DBUS_SESSION_BUS_ADDRESS=unix:path=/leak/bus
export DISPLAY=:leak XAUTHORITY=/leak/x LD_PRELOAD='' LD_LIBRARY_PATH=/leak
export MAIL=/leak WINDOWID=leak GPG_AGENT_INFO=leak LC_LEAK=leak
export PYTHONPATH=/leak PERL5LIB=/leak BASH_ENV=/leak ENV=/leak
export TZ=Leak/Zone LANG=de_LEAK.UTF-8 LC_ALL=C.leak TERM=xterm
export http_proxy=http://leak ALL_PROXY=leak XDG_CONFIG_DIRS=/leak
export XDG_SESSION_ID=leak XDG_SEAT=leak SUDO_USER=leak OLDPWD=/leak PWD=/leak
run isolate -- env -0
env_in=$(tr '\0' '\n' <"$T/.out")
is "$rc" 0 "runs"
unlike "$env_in" leak "nothing with 'leak' in name or value"
is "$(printf '%s\n' "$env_in" | grep -vE "$allowed")" "" \
	"only variables of the allow-list"
has() {
	grep -qxF "$1" <<<"$env_in"
}
ok "HOME" has HOME=/home/user
ok "USER" has USER=user
ok "LOGNAME" has LOGNAME=user
ok "TZ" has TZ=UTC
ok "TERM is passed" has TERM=xterm
ok "ALL_PROXY" has ALL_PROXY=socks5h://10.152.152.10:9050
ok "all_proxy" has all_proxy=socks5h://10.152.152.10:9050
like "$env_in" 'LANG=(en_US|C)\.UTF-8' "LANG is everybody's"
run isolate --env FOO=bar --env BAZ='a b=c' -- sh -c 'echo "$FOO|$BAZ"'
is "$out" "bar|a b=c" "--env sets variables"
refuses 'NOEQUALS' "--env without = is refused" --env NOEQUALS -- true
TERM='x$(leak)
y' run isolate -- sh -c 'echo "$TERM"'
unlike "$out" leak "a TERM that is no terminal's name does not get in"
run isolate -- sh -c 'ulimit -c'
is "$out" 0 "no core dumps"
here=$(isolate -- bash -c 'umask; ulimit -a; ulimit -aH')
there=$(umask 000 && ulimit -Sn 512 -Su 5000 -Ss 4096 -Sc 100 -Sl 100 &&
	"$BIN/isolate" -- bash -c 'umask; ulimit -a; ulimit -aH')
is "$there" "$here" "umask and limits are not the caller's"
# raising a priority needs a privilege that users do not have
is "$(nice -n 5 "$BIN/isolate" -- nice)" "$(nice -n 5 nice)" \
	"a lower priority stays so"

done_testing
