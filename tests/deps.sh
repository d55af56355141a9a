#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# tests/deps.sh - install what is missing, and nothing else (Debian, apt)
#
#   tests/deps.sh build   what a compile needs
#   tests/deps.sh all     what tests, bench, lint and demo need as well
#
# Looks first (10 ms) and is silent when all is there. Installing never starts
# a service: this is somebody's machine, and tor or sshd were not asked for.
set -eu

build='build-essential pkg-config libseccomp-dev libnl-3-dev
libnl-route-3-dev libbsd-dev libevent-dev libsqlite3-dev libinih-dev
libjansson-dev libnftnl-dev libmnl-dev'

# ... and what test files, demo and bench call by name
all="$build libcmocka-dev python3 python3-stem onionshare-cli nyx procps lsof
iproute2 util-linux strace jq
file tor obfs4proxy ngircd irssi openssh-server openssh-client nginx-light curl wget git
ca-certificates netbase openssl bubblewrap firejail torsocks faketime clang clang-tidy
clang-format libclang-rt-dev cppcheck shellcheck vim-tiny nftables bind9-dnsutils
knot-dnsutils ldnsutils passt slirp4netns"

case ${1-} in
build) want=$build ;;
all) want=$all ;;
*)
	echo "usage: tests/deps.sh build|all" >&2
	exit 2
	;;
esac

# Elsewhere than on Debian the compiler says what is missing.
command -v dpkg-query >/dev/null || exit 0

missing=
# shellcheck disable=SC2086 # a list of words
have=" $(dpkg-query -W -f '${Package}:${db:Status-Status}\n' $want \
	2>/dev/null | sed -n 's/:installed$//p' | tr '\n' ' ') "
for p in $want; do
	case $have in
	*" $p "*) ;;
	*) missing="$missing $p" ;;
	esac
done
[ -n "$missing" ] || exit 0

cmd="apt-get install -y --no-install-recommends$missing"
if [ "$(id -u)" != 0 ]; then
	if command -v sudo >/dev/null &&
		{ sudo -n true 2>/dev/null || [ -t 0 ]; }; then
		echo "Packages are missing; sudo installs them:$missing"
		exec sudo -- "$0" "$1"
	fi
	{
		echo "Packages are missing:$missing"
		echo "Install them as root: $cmd"
	} >&2
	exit 1
fi

policy=/usr/sbin/policy-rc.d
ours=
cleanup() {
	[ -z "$ours" ] || rm -f "$policy"
}
trap cleanup EXIT
trap 'exit 130' INT TERM HUP
if [ ! -e "$policy" ] && [ ! -L "$policy" ]; then
	ours=yes
	printf '#!/bin/sh\nexit 101\n' >"$policy"
	chmod 755 "$policy"
fi

export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
apt() {
	apt-get -q -y -o DPkg::Lock::Timeout=600 "$@" >>"$log" 2>&1
}
echo "Installing:$missing"
# Lists may be absent (a fresh machine) or old: try, refresh, try again.
# shellcheck disable=SC2086 # a list of words
if ! apt install --no-install-recommends $missing &&
	! { apt update && apt install --no-install-recommends $missing; }; then
	tail -n 20 "$log" >&2
	rm -f "$log"
	echo "That failed. By hand: $cmd" >&2
	exit 1
fi
rm -f "$log"
