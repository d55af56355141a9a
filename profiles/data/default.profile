# default - the closed state, which every other profile includes.
#
# Nothing is opened here: network through Tor, a private home, no path, no
# variable and no device of the host. What you put in
# /etc/isolate/profiles/default.profile.d/*.conf holds for all of them.

description = any program, nothing opened
network = socks
