"""Reads messages of Airbyte's protocol from stdin. Fails on the first that its own models refuse, or that holds what they do not know."""

import json
import sys

from airbyte_protocol.models import AirbyteMessage

for line in sys.stdin:
    message = AirbyteMessage.parse_raw(line)
    kept = json.loads(message.json(exclude_none=True))
    sent = json.loads(line)
    for part in ("state", "trace", "connectionStatus", "log"):
        for name in sent.get(part, {}):
            if name not in kept[part]:
                sys.exit(f"{part} has no {name}")
    for name in sent.get("spec", {}):
        if name not in kept["spec"]:
            sys.exit(f"spec has no {name}")
    for stream in sent.get("catalog", {}).get("streams", []):
        known = set(type(message.catalog.streams[0]).__fields__)
        if not set(stream) <= known:
            sys.exit(f"a stream has no {set(stream) - known}")
