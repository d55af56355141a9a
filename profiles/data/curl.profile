# curl

include = web-cli
description = curl
