#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# ssh in a sandbox logs in to a real sshd through Tor, which sees the exit.
# shellcheck source=tests/sandbox/lib.sh
. "$(dirname "$0")/lib.sh"

isolate -p ssh -- mkdir -m 700 -p .ssh
isolate -p ssh -- sh -c 'umask 077; cat >.ssh/id' <"$REALM_DIR/servers/id_ed25519"
isolate -p ssh -- sh -c 'cat >.ssh/known_hosts' \
	<"$REALM_DIR/servers/known_hosts"
before=$(packets_sent)
# shellcheck disable=SC2016 # for the server
again isolate ssh -o ConnectTimeout=30 -o BatchMode=yes -i .ssh/id \
	"$REALM_USER@ssh.test" 'echo $SSH_CONNECTION'
is "$rc" 0 "ssh logs in"
like "$out" '^203\.0\.113\.2[123] ' "the server sees an exit"
is "$(packets_sent)" "$before" "no packet left the machine by another way"
run isolate ssh -o ConnectTimeout=30 -o BatchMode=yes -i .ssh/id \
	"$REALM_USER@ssh.test" 'exit 3'
is "$rc" 3 "its exit status is passed"
run isolate ssh -o ConnectTimeout=20 -o BatchMode=yes -i .ssh/id \
	-o StrictHostKeyChecking=no "$REALM_USER@127.0.0.1" true
is "$rc" 255 "127.0.0.1 is refused"

done_testing
