# default - the closed state, which every other profile includes.
#
# Nothing is opened here: network through Tor, a private home, no path, no
# variable and no device of the host. What you put in
# /etc/isolate/profiles/default.profile.d/*.conf holds for all of them that do
# not set the same key themselves.

description = any program, nothing opened

# Most programs have no proxy setting, or one that somebody would have to find.
network = transparent
