# wget

include = web-cli
description = wget
