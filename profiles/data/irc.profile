# irc - IRC clients: irssi, weechat, hexchat and others.

include = default
description = IRC client

# A nick on one network is not to be linked with one on another: each server
# sees an exit of its own.
isolate-by = destination

# A handful of servers: nobody's flood tool.
max-connections = 64
