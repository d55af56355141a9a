# curl

include = web-cli
description = curl

# It follows ALL_PROXY whatever the protocol: no DNS, no other way.
network = socks
