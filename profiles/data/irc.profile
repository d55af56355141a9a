# irc - IRC clients: irssi, weechat, hexchat and others.

include = default
description = IRC client

# A nick on one network is not to be linked with one on another: each server
# sees an exit of its own.
isolate-by = destination

# A client that is taken over, or a link that a script opens by itself, gets to
# no web server. 194 and 994 are IANA's, 6660-6669 and 6697 what networks use,
# the others their further ports, with and without TLS. More in a drop-in:
# allow-destinations = bouncer.example.org:1234
allow-destinations = *:194,994,6660-6669,6679,6697,7000,7070,8000-8002,9999
# a hidden network has any port
allow-destinations = *.onion

# A handful of servers: nobody's flood tool.
max-connections = 64
